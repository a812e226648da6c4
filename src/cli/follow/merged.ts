/** The items of several sources as they come; it ends when all have, and throws what one throws. */
export async function* merged<T>(sources: readonly AsyncIterable<T>[]): AsyncIterable<T> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pending = new Map(iterators.map((iterator) => [iterator, nextOf(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done === true) pending.delete(iterator);
      else {
        pending.set(iterator, nextOf(iterator));
        yield result.value;
      }
    }
  } finally {
    for (const iterator of pending.keys()) iterator.return?.()?.catch(() => undefined);
    for (const waiting of pending.values()) waiting.catch(() => undefined);
  }
}

const nextOf = async <T>(iterator: AsyncIterator<T>) => ({ iterator, result: await iterator.next() });
