import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { Page } from '#store/page.ts';

/** What every list is asked with. */
export const pageQuery = z.object({
  limit: z.coerce.number<number>().int().min(1).max(500).default(50).describe('At most so many items'),
  before: z.string().min(1).max(300).optional().describe('`next` of the page before'),
});
export type PageQuery = z.output<typeof pageQuery>;

/** A page of a list: `next` is given as `before` to get the one that follows; `null` on the last. */
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });

/**
 * A page of a list that the database keeps newest first, by number.
 * @throws SlipwayError `input.invalid` where `before` is no number
 */
export async function readPage<Row, View>(
  query: PageQuery,
  read: (page: Page) => Promise<readonly Row[]>,
  idOf: (row: Row) => number,
  view: (row: Row) => View,
): Promise<{ items: View[]; next: string | null }> {
  const rows = await read({ limit: query.limit + 1, ...beforeOf(query) });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items: items.map(view),
    next: rows.length > query.limit && last !== undefined ? String(idOf(last)) : null,
  };
}

function beforeOf({ before }: PageQuery): { before?: number } {
  if (before === undefined) return {};
  if (/^\d{1,15}$/.test(before)) return { before: Number(before) };
  throw new SlipwayError('input.invalid', `'before' is '${before}', which is no item of this list`);
}

/** A page of a short list that has the order of its names: what follows the name `before`. */
export function namedPage<Row>(
  query: PageQuery,
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly next: string | null } {
  const { before, limit } = query;
  const sorted = [...rows].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const rest = before === undefined ? sorted : sorted.filter((row) => nameOf(row) > before);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rest.length > limit && last !== undefined ? nameOf(last) : null };
}
