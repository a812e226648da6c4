import { createHash } from 'node:crypto';

/** JSON with every key sorted by code unit, so that equal values have equal text. `undefined` fields are left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** SHA-256 of the canonical JSON, as 64 hex digits. The same value gives the same hash on every machine. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
