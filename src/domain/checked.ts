import { z } from 'zod';
import { type Diagnostic, diagnostic, nearest } from './compose/diagnostics.ts';
import { plainValue } from './compose/fields/project-fields.ts';
import { child, kindOf, type Node } from './compose/node.ts';

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * Checks a YAML value against a schema; each thing wrong is told with file, line, column and the nearest known key.
 * `path`: where the value stands in its file, as in `services.web.x-slipway`.
 */
export function checkNode<S extends z.ZodType>(schema: S, node: Node, path: string): Checked<z.output<S>> {
  const result = schema.safeParse(plainValue(node));
  if (result.success) return { ok: true, value: result.data };
  const shape: Shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { ok: false, diagnostics: result.error.issues.flatMap((issue) => told(issue, node, path, shape)) };
}

type Keys = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;
/** As much of a JSON Schema as it takes to find the keys that are known at a place. */
interface Shape {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
}

function told(issue: Issue, root: Node, path: string, shape: Shape): readonly Diagnostic[] {
  const node = at(root, issue.path);
  const where = joined(path, issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(key, node, where, [...knownKeys(shape, issue.path)]));
  if (issue.code === 'invalid_union') return toldUnion(issue, node, where, shape, root, path);
  const parent = issue.path.length > 0 ? at(root, issue.path.slice(0, -1)) : undefined;
  const last = issue.path.at(-1);
  if (parent?.kind === 'map' && last !== undefined && !parent.entries.has(String(last)))
    return [diagnostic(parent.keyAt ?? parent.at, where, 'is missing')];
  return [diagnostic(node.at, where, wording(issue, node))];
}

/** Of the forms that a value may have, the one that is of its kind; where none is, all are named. */
function toldUnion(
  issue: Issue & { readonly code: 'invalid_union' },
  node: Node,
  where: string,
  shape: Shape,
  root: Node,
  path: string,
): readonly Diagnostic[] {
  const deeper = issue.errors.find((errors) => errors.some((one) => one.path.length > 0 || !isKindIssue(one)));
  if (deeper)
    return deeper.flatMap((one) => told({ ...one, path: [...issue.path, ...one.path] } as Issue, root, path, shape));
  const forms = issue.errors.flatMap((errors) =>
    errors.map((one) => ('expected' in one ? formName(one.expected) : '')),
  );
  return [diagnostic(node.at, where, `is ${kindOf(node)}, but must be ${[...new Set(forms)].join(' or ')}`)];
}

const isKindIssue = (issue: Issue): boolean => issue.code === 'invalid_type' || issue.code === 'invalid_union';

function unknownKey(key: string, node: Node, where: string, known: readonly string[]): Diagnostic {
  const close = nearest(key, known);
  const hint = close === undefined ? `known keys: ${[...known].sort().join(', ')}` : `did you mean '${close}'?`;
  const value = child(node, key);
  return diagnostic(value?.keyAt ?? node.at, joined(where, [key]), 'is not a known key', hint);
}

function wording(issue: Issue, node: Node): string {
  if (issue.code === 'invalid_type') return `is ${kindOf(node)}, but must be ${formName(issue.expected)}`;
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
  return issue.message;
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'nothing',
};
const formName = (expected: string): string => names[expected] ?? expected;

function at(root: Node, path: Keys): Node {
  let node = root;
  for (const key of path) {
    const next = typeof key === 'number' && node.kind === 'list' ? node.items[key] : child(node, String(key));
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

const joined = (path: string, keys: Keys): string =>
  keys.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    path,
  );

function knownKeys(shape: unknown, path: Keys): ReadonlySet<string> {
  if (shape === null || typeof shape !== 'object') return new Set();
  const { properties = {}, additionalProperties, items, anyOf = [] }: Shape = shape;
  const [first, ...rest] = path;
  const alternatives = anyOf.flatMap((one) => [...knownKeys(one, path)]);
  if (first === undefined) return new Set([...Object.keys(properties), ...alternatives]);
  const below = typeof first === 'number' ? items : (properties[String(first)] ?? additionalProperties);
  return new Set([...knownKeys(below, rest), ...alternatives]);
}
