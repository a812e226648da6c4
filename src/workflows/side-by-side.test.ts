import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failuresOf, sideBySide } from './side-by-side.ts';

test('everything is done, so many at a time at most, and answers keep the order of the items', async () => {
  let [now, most] = [0, 0];
  const ended = await sideBySide([5, 1, 3, 2, 4], 2, async (item) => {
    now += 1;
    most = Math.max(most, now);
    await sleep(item);
    now -= 1;
    return item * 10;
  });
  expect(ended.map((item) => item.status === 'fulfilled' && item.value)).toEqual([50, 10, 30, 20, 40]);
  expect(most).toBe(2);
});

test('one that fails stops none of the others', async () => {
  const done: number[] = [];
  const ended = await sideBySide([1, 2, 3], 1, async (item) => {
    if (item === 1) throw new Error('first');
    done.push(item);
  });
  expect(done).toEqual([2, 3]);
  expect(failuresOf(ended)).toEqual([new Error('first')]);
});

test('nothing to do is done at once', async () => {
  expect(await sideBySide([], 8, async () => 1)).toEqual([]);
});
