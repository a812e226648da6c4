import { z } from 'zod';
import { parseDuration } from '../compose/durations.ts';

/** A time as Compose writes it (`30s`, `1m30s`), as milliseconds. */
export const duration = z
  .string()
  .refine((text) => (parseDuration(text) ?? -1n) >= 0n, { error: 'is no time: write it as 30s, 5m or 1h30m' })
  .transform((text) => millisecondsOf(text) ?? 0)
  .describe('A time: 500ms, 30s, 5m, 1h30m');

/** Milliseconds of a duration, fractions rounded up; `null` when there is none. */
export function millisecondsOf(text: string | undefined): number | null {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined ? null : Number((nanoseconds + 999_999n) / 1_000_000n);
}
