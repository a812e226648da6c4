/**
 * Does `work` for every item, at most `limit` at a time. @returns how each ended, in the order of the items: one that fails
 * stops none of the others.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const ended: PromiseSettledResult<R>[] = [];
  const left = items.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of left) [ended[index]] = await Promise.allSettled([work(item)]);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, takeTurns));
  return ended;
}

/** What went wrong, in the order of the items. */
export const failuresOf = (ended: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  ended.flatMap((item) => (item.status === 'rejected' ? [item.reason] : []));
