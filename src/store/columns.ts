import { type RawBuilder, sql } from 'kysely';

/** The moment of the transaction, by the database's clock: the one clock that several servers share. */
export const now: RawBuilder<Date> = sql<Date>`now()`;

/** A time given in ms since the epoch, for a column. */
export const at = (ms: number): Date => new Date(ms);

/**
 * JSON text for a `jsonb` column. PostgreSQL cannot hold U+0000 and half surrogate pairs, which logs and engines'
 * messages do contain: they become U+FFFD.
 */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? storable(item) : item));
}

/** Text that PostgreSQL can hold: U+0000 and half surrogate pairs become U+FFFD. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}
