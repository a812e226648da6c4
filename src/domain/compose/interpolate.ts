import { composeError } from './diagnostics.ts';
import type { Node, ScalarNode } from './node.ts';

/** The value of a variable, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A template that cannot be interpolated; the caller knows where it stands. */
export class TemplateError extends Error {}

/** What a template sees. */
interface Scope {
  readonly lookup: Lookup;
  readonly onUnset: (name: string) => void;
  /** Braces around this text. */
  readonly depth: number;
}

/** Deeper nesting than any person writes; without a limit a file could take the stack. */
const deepest = 100;

/**
 * Replaces `$X`, `${X}` and `${X<operator>operand}` in a text; `$$` becomes `$`. Operators: `:-` `-` default, `:+` `+`
 * alternative, `:?` `?` required. Operands nest, and are looked at only when they are used.
 * `onUnset` is told of variables that are not set and have no default. @throws TemplateError
 * Source: the Compose Specification, 12 (interpolation), and what docker compose makes of the cases it leaves open.
 */
export function substitute(text: string, lookup: Lookup, onUnset: (name: string) => void = () => {}): string {
  return expand(text, { lookup, onUnset, depth: 0 });
}

function expand(text: string, scope: Scope): string {
  if (scope.depth > deepest) throw new TemplateError('variables are nested too deeply');
  let out = '';
  let at = 0;
  for (let dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', at)) {
    out += text.slice(at, dollar);
    const [value, end] = expansion(text, dollar, scope);
    out += value;
    at = end;
  }
  return out + text.slice(at);
}

const name = /[A-Za-z_][A-Za-z0-9_]*/y;

function nameAt(text: string, at: number): string | undefined {
  name.lastIndex = at;
  return name.exec(text)?.[0];
}

/** What the `$` at an index stands for, and where the text goes on. */
function expansion(text: string, dollar: number, scope: Scope): [string, number] {
  const next = text[dollar + 1];
  if (next === '$') return ['$', dollar + 2];
  if (next === '{') return braced(text, dollar, scope);
  const found = nameAt(text, dollar + 1);
  if (found === undefined) return ['$', dollar + 1];
  return [valueOrEmpty(found, scope), dollar + 1 + found.length];
}

function valueOrEmpty(found: string, scope: Scope): string {
  const value = scope.lookup(found);
  if (value === undefined) scope.onUnset(found);
  return value ?? '';
}

function braced(text: string, dollar: number, scope: Scope): [string, number] {
  const end = closing(text, dollar);
  const whole = text.slice(dollar, end < 0 ? dollar + 80 : end + 1);
  if (end < 0) throw new TemplateError(`'${whole}' has no closing brace`);
  const found = nameAt(text, dollar + 2);
  if (found === undefined) throw new TemplateError(`'${whole}' names no variable; write $$ for a literal dollar sign`);
  const after = dollar + 2 + found.length;
  if (after === end) return [valueOrEmpty(found, scope), end + 1];
  const operator = /^:?[-+?]/.exec(text.slice(after, after + 2))?.[0];
  if (operator === undefined) {
    throw new TemplateError(`'${whole}' is no substitution: after the name come }, :-, -, :+, +, :? or ?`);
  }
  return [operate(found, operator, text.slice(after + operator.length, end), scope), end + 1];
}

function operate(found: string, operator: string, operand: string, scope: Scope): string {
  const value = scope.lookup(found);
  const has = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const inner = (): string => expand(operand, { ...scope, depth: scope.depth + 1 });
  if (operator.endsWith('-')) return has ? (value ?? '') : inner();
  if (operator.endsWith('+')) return has ? inner() : '';
  if (!has) {
    const why = inner();
    throw new TemplateError(`required variable ${found} is missing a value${why === '' ? '' : `: ${why}`}`);
  }
  return value ?? '';
}

/** The index of the brace that closes `${` at an index, or -1. Braces of a default balance, but need not. */
function closing(text: string, dollar: number): number {
  const balanced = matching(text, dollar, (i) => text[i] === '{');
  return balanced >= 0 ? balanced : matching(text, dollar, (i) => text[i] === '{' && text[i - 1] === '$');
}

function matching(text: string, dollar: number, opens: (index: number) => boolean): number {
  let depth = 0;
  for (let i = dollar + 1; i < text.length; i++) {
    if (opens(i)) depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return -1;
}

/** Warned once for each variable and place. */
export type OnUnset = (node: ScalarNode, path: string, variable: string) => void;

/**
 * Interpolates every text value below a node, never a key; what is not text stays. Each value sees the environment of
 * the file that it stands in. @throws ComposeError
 */
export function interpolateNode<N extends Node>(node: N, path: string, onUnset: OnUnset): N;
export function interpolateNode(node: Node, path: string, onUnset: OnUnset): Node {
  switch (node.kind) {
    case 'reset':
      return node;
    case 'scalar':
      return node.type === 'string' && node.text.includes('$') ? interpolateText(node, path, onUnset) : node;
    case 'list':
      return { ...node, items: node.items.map((item, i) => interpolateNode(item, `${path}[${i}]`, onUnset)) };
    case 'map': {
      const entries = new Map<string, Node>();
      for (const [key, value] of node.entries)
        entries.set(key, interpolateNode(value, path === '' ? key : `${path}.${key}`, onUnset));
      return { ...node, entries };
    }
  }
}

function interpolateText(node: ScalarNode, path: string, onUnset: OnUnset): ScalarNode {
  const { environment } = node.at.source;
  const lookup = (variable: string): string | undefined =>
    Object.hasOwn(environment, variable) ? environment[variable] : undefined;
  try {
    return { ...node, text: substitute(node.text, lookup, (variable) => onUnset(node, path, variable)) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw composeError(node.at, path, error.message);
  }
}
