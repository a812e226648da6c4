import { type Diagnostic, diagnostic, nearest } from '../diagnostics.ts';
import type { Leniency } from '../leniencies.ts';
import { kindOf, type Node, type ScalarNode } from '../node.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Collects what is wrong while fields are read, so that one load names every mistake. */
export class Reading {
  readonly strict: boolean;
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  constructor(strict: boolean) {
    this.strict = strict;
  }

  /** Notes an error at a value; the caller goes on without the field. */
  error(node: Node, path: string, message: string, hint?: string): undefined {
    this.errors.push(diagnostic(node.at, path, message, hint));
    return undefined;
  }

  /** Notes an error at a key. */
  keyError(node: Node, path: string, message: string, hint?: string): undefined {
    this.errors.push(diagnostic(node.keyAt ?? node.at, path, message, hint));
    return undefined;
  }

  warn(node: Node, path: string, message: string, leniency?: Leniency): void {
    this.warnings.push({
      ...diagnostic(node.keyAt ?? node.at, path, message),
      ...(leniency === undefined ? {} : { leniency }),
    });
  }
}

/**
 * Checks one field and gives what `docker compose config --format json` prints for it; undefined when that leaves it
 * out (empty text, false, 0: as Go's `omitempty`) or when it is wrong, which `reading` then knows.
 */
export type Field<T extends Json = Json> = (node: Node, path: string, reading: Reading) => T | undefined;
export type Fields = Readonly<Record<string, Field>>;

/** A scalar of one of the types, or undefined and an error. */
export function scalarOf(
  node: Node,
  path: string,
  reading: Reading,
  types: readonly ScalarNode['type'][],
  wanted: string,
): ScalarNode | undefined {
  if (node.kind === 'scalar' && types.includes(node.type)) return node;
  const quotable = wanted === 'text' && node.kind === 'scalar' && node.type !== 'null';
  return reading.error(
    node,
    path,
    `is ${kindOf(node)}, but must be ${wanted}`,
    quotable ? 'put it in quotes' : undefined,
  );
}

export interface ObjectOptions {
  readonly required?: readonly string[];
  /** Keys that are left out with a warning, unless strict. */
  readonly catalogue?: readonly string[];
}

/** A map with the given keys; `x-` keys are left out, any other is an error that names the nearest known one. */
export function object(fields: Fields, options: ObjectOptions = {}): Field<JsonObject> {
  return (node, path, reading) => {
    if (node.kind !== 'map') return reading.error(node, path, `is ${kindOf(node)}, but must be a map`);
    const out: Record<string, Json> = {};
    for (const [key, value] of node.entries) {
      const at = path === '' ? key : `${path}.${key}`;
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      const read =
        field === undefined ? unknownKey(key, value, at, reading, fields, options) : field(value, at, reading);
      if (read !== undefined) out[key] = read;
    }
    for (const key of options.required ?? []) {
      if (!node.entries.has(key)) reading.keyError(node, path, `the key '${key}' is missing`);
    }
    return out;
  };
}

function unknownKey(
  key: string,
  value: Node,
  path: string,
  reading: Reading,
  fields: Fields,
  options: ObjectOptions,
): undefined {
  if (key.startsWith('x-')) return undefined;
  if (!reading.strict && options.catalogue?.includes(key) === true) {
    reading.warn(value, path, 'is no key of Compose and is left out', 'catalogue-key');
    return undefined;
  }
  const known = nearest(key, Object.keys(fields));
  return reading.keyError(value, path, 'unknown key', known === undefined ? undefined : `did you mean '${known}'?`);
}

/** A map of anything to one kind of value. `names`: the keys that are allowed. */
export function mapOf(field: Field, names?: RegExp): Field<JsonObject> {
  return (node, path, reading) => {
    if (node.kind !== 'map') return reading.error(node, path, `is ${kindOf(node)}, but must be a map`);
    const out: Record<string, Json> = {};
    for (const [key, value] of node.entries) {
      const at = `${path}.${key}`;
      if (names?.test(key) === false)
        reading.keyError(value, at, `'${key}' is no name: letters, digits, '.', '_' and '-' only`);
      const read = field(value, at, reading);
      if (read !== undefined) out[key] = read;
    }
    return out;
  };
}

/** A list; left out when it is empty. `unique`: no two items may be equal. */
export function list<T extends Json>(field: Field<T>, unique = false): Field<readonly T[]> {
  return (node, path, reading) => {
    if (node.kind !== 'list') return reading.error(node, path, `is ${kindOf(node)}, but must be a list`);
    const out: T[] = [];
    const seen = new Set<string>();
    node.items.forEach((item, i) => {
      const at = `${path}[${i}]`;
      if (unique && item.kind === 'scalar') {
        if (seen.has(item.text)) reading.error(item, at, `'${item.text}' is there twice`);
        seen.add(item.text);
      }
      const read = field(item, at, reading);
      if (read !== undefined) out.push(read);
    });
    return out.length === 0 ? undefined : out;
  };
}

/** A number that is left out when it is 0. */
export const nonZero =
  (field: Field<number>): Field<number> =>
  (node, path, reading) =>
    field(node, path, reading) || undefined;

/** A field that may also be null, which leaves it out. */
export const nullable =
  <T extends Json>(field: Field<T>, whenNull?: T): Field<T> =>
  (node, path, reading) =>
    node.kind === 'scalar' && node.type === 'null' ? whenNull : field(node, path, reading);

/** A short form, by another field, or the map. */
export const shortOr =
  <S extends Json, T extends Json>(short: Field<S>, long: Field<T>): Field<S | T> =>
  (node, path, reading) =>
    node.kind === 'scalar' ? short(node, path, reading) : long(node, path, reading);
