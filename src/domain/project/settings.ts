import { z } from 'zod';
import { type Diagnostic, diagnostic, formatDiagnostic, nearest } from '../compose/diagnostics.ts';
import { plainValue } from '../compose/fields/project-fields.ts';
import { child, type Node } from '../compose/node.ts';
import { SlipwayError } from '../errors.ts';

/** A slipway.yaml or an `x-slipway:` that cannot be read. The message names the first problems, `diagnostics` all. */
export class SettingsError extends SlipwayError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super('project.invalid', diagnostics.slice(0, 10).map(formatDiagnostic).join('\n'), diagnostics[0]?.hint);
    this.name = 'SettingsError';
    this.diagnostics = diagnostics;
  }
}

/**
 * Reads a YAML node by a schema. `path`: where the node stands, for messages.
 * @throws SettingsError with file, line, column, and the nearest known key of an unknown one.
 */
export function readSettings<S extends z.ZodType>(schema: S, node: Node, path: string): z.output<S> {
  const result = schema.safeParse(plainValue(node));
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.flatMap((issue) => diagnosticsOf(schema, node, path, issue)));
}

function diagnosticsOf(schema: z.ZodType, root: Node, base: string, issue: z.core.$ZodIssue): Diagnostic[] {
  const keys = issue.path.map(String);
  const at = nodeAt(root, keys);
  const where = [base, ...keys].filter((part) => part !== '').join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, at, keys, where, key));
  if (issue.code === 'invalid_union') {
    // the branch that got furthest says best what is wrong
    const inner = issue.errors
      .map((list) => list[0])
      .filter((item) => item !== undefined)
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (inner && inner.path.length > 0)
      return diagnosticsOf(schema, root, base, { ...inner, path: [...issue.path, ...inner.path] });
  }
  return [diagnostic(at.at, where, issue.message)];
}

function unknownKey(schema: z.ZodType, at: Node, path: readonly string[], where: string, key: string): Diagnostic {
  const near = nearest(key, keysOf(schema, path));
  const node = child(at, key) ?? at;
  const full = where === '' ? key : `${where}.${key}`;
  return diagnostic(
    node.keyAt ?? node.at,
    full,
    'unknown key',
    near === undefined ? undefined : `did you mean '${near}'?`,
  );
}

function nodeAt(node: Node, path: readonly string[]): Node {
  const [key, ...rest] = path;
  if (key === undefined) return node;
  const next = node.kind === 'list' ? node.items[Number(key)] : child(node, key);
  return next === undefined ? node : nodeAt(next, rest);
}

/** The keys that a schema knows at a path, through optional, default, record, array and union. */
function keysOf(schema: z.core.$ZodType, path: readonly string[]): readonly string[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodPrefault
  )
    return keysOf(schema.def.innerType, path);
  if (schema instanceof z.ZodPipe) return keysOf(schema.def.in, path);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => keysOf(option, path));
  const [key, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(schema.shape);
    const next = schema.shape[key];
    return next === undefined ? [] : keysOf(next, rest);
  }
  if (schema instanceof z.ZodRecord && key !== undefined) return keysOf(schema.def.valueType, rest);
  if (schema instanceof z.ZodArray && key !== undefined) return keysOf(schema.def.element, rest);
  return [];
}
