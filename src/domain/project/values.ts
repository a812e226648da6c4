import { z } from 'zod';
import { parseDuration } from '../compose/durations.ts';

/** A duration as Compose writes it (`5s`, `1m30s`), as milliseconds. */
export const durationMs = z.string().transform((text, context) => {
  const nanoseconds = parseDuration(text);
  if (nanoseconds !== undefined && nanoseconds >= 0n) return Number(nanoseconds / 1_000_000n);
  context.addIssue({ code: 'custom', message: 'is no time: write it as 30s, 5m or 1h30m' });
  return z.NEVER;
});

/** One text or a list of them, as a list. */
export const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** A scalar as YAML writes it, as text. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
