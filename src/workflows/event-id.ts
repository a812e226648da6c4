import { createHash } from 'node:crypto';

/** The id of an event that there is once for what `parts` name: a step that runs twice records it once. (UUID, version 8) */
export function eventId(...parts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
