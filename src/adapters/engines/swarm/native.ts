import type { Json } from '#domain/plan/change.ts';

export type JsonMap = { readonly [key: string]: Json };

/** Docker's own ServiceSpec, as far as Slipway writes it. */
export interface NativeService {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: JsonMap;
  readonly Mode: JsonMap;
  readonly UpdateConfig?: JsonMap;
  readonly EndpointSpec: JsonMap;
}

/** Drops what is not said: `null`, `undefined`, empty lists and empty maps. Numbers, `false` and '' are something said. */
export function compact(fields: Readonly<Record<string, Json | undefined>>): JsonMap {
  const said = Object.entries(fields).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined && !isNothing(entry[1]),
  );
  return Object.fromEntries(said);
}

const isNothing = (value: Json): boolean =>
  value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** Docker counts time in nanoseconds. */
export const nanoseconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 1e6));

/** A copy with its keys in order: what is sent is the same each time. */
export const sortedMap = (map: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
