import { expect, test } from 'vitest';
import { merged } from './merged.ts';

async function* of(...items: readonly string[]): AsyncIterable<string> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

test('everything of every source comes, each in its order', async () => {
  const items = await all(merged([of('a1', 'a2', 'a3'), of('b1'), of()]));
  expect(items.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(items.filter((item) => item.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
});

test('what one source throws is thrown', async () => {
  const broken = (async function* () {
    yield 'x';
    throw new TypeError('broken');
  })();
  await expect(all(merged([of('a'), broken]))).rejects.toThrow('broken');
});

test('who stops taking lets go of the sources', async () => {
  let isClosed = false;
  const endless = (async function* () {
    try {
      for (;;) yield 'x';
    } finally {
      isClosed = true;
    }
  })();
  for await (const _ of merged([endless])) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(true);
});

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
