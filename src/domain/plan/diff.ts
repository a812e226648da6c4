import type { FieldChange, Json } from './change.ts';

type Difference = Omit<FieldChange, 'cause'>;

/**
 * The fields in which two values differ, by path (`environment.LOG`, `ports[0].target`), sorted. A list of another length, or of
 * plain values, is one field: `[a, b] → [a, c]` reads better than an index.
 */
export function diff(before: Json | undefined, after: Json | undefined, path = ''): Difference[] {
  if (isMap(before) && isMap(after)) return diffMaps(before, after, path);
  if (
    Array.isArray(before) &&
    Array.isArray(after) &&
    before.length === after.length &&
    before.every(isMap) &&
    after.every(isMap)
  )
    return before.flatMap((item: Json, index) => diff(item, after[index], `${path}[${index}]`));
  return same(before, after) ? [] : [{ path, before, after }];
}

function diffMaps(before: JsonMap, after: JsonMap, path: string): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => diff(before[key], after[key], path === '' ? key : `${path}.${key}`));
}

type JsonMap = { readonly [key: string]: Json };
const isMap = (value: Json | undefined): value is JsonMap =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Equal as JSON, whatever the order of keys. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Json, i) => same(item, b[i]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
