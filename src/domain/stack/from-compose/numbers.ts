import { parseBytes } from '../../compose/bytes.ts';
import { parseDuration } from '../../compose/durations.ts';

/** Milliseconds of a duration in the loaded model; `null` where there is none. */
export function millis(text: string | undefined): number | null {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined ? null : Number(nanoseconds / 1_000_000n);
}

/** Bytes of a size in the loaded model; `null` where there is none. */
export const bytes = (text: string | undefined): number | null =>
  text === undefined ? null : (parseBytes(text) ?? null);

/** By code unit, the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A copy in the order of code units, the same on every machine. */
export const sorted = (list: readonly string[] | undefined): readonly string[] => [...(list ?? [])].sort(byText);

/** A map with its keys in order. */
export const sortedMap = <T>(map: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => byText(a, b)));
