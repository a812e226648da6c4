import { z } from 'zod';

/** A time in an answer: ISO 8601, UTC. */
export const timeField = z.iso.datetime().describe('ISO 8601, UTC');

/** @param ms since the epoch */
export const time = (ms: number): string => new Date(ms).toISOString();
/** ms since the epoch as RFC 3339; `null` stays. */
export const maybeTime = (ms: number | null): string | null => (ms === null ? null : time(ms));

export const projectName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "is not 1-32 of a-z, 0-9, '-', with a letter first")
  .describe('1-32 of a-z, 0-9, -, a letter first');

/** A name that somebody gave to a cluster, a channel or a token. */
export const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "is not 1-63 of letters, digits, '.', '_', '-'");

export const idField = z.coerce.number<number>().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** `true` or `false` in a query. */
export const flag = z.stringbool().meta({ type: 'boolean' });

/** What may be done with a thing now, or why it may not. */
export const permission = z.object({ allowed: z.boolean(), why: z.string().nullable() }).meta({ id: 'Permission' });
export const allowed = { allowed: true, why: null };
/** Why an act is not possible now, for views that offer it. */
export const forbidden = (why: string) => ({ allowed: false, why });
