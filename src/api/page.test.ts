import { expect, test } from 'vitest';
import { namedPage, readPage } from './page.ts';

const rows = [5, 4, 3, 2, 1].map((id) => ({ id }));
const read = async ({ limit, before = 9 }: { readonly limit: number; readonly before?: number }) =>
  rows.filter((row) => row.id < before).slice(0, limit);
const page = (limit: number, before?: string) =>
  readPage(
    { limit, before },
    read,
    (row) => row.id,
    (row) => row.id,
  );

test('pages follow one another without a gap, and the last one says so', async () => {
  expect(await page(2)).toEqual({ items: [5, 4], next: '4' });
  expect(await page(2, '4')).toEqual({ items: [3, 2], next: '2' });
  expect(await page(2, '2')).toEqual({ items: [1], next: null });
});

test('a page that is just full is not followed by an empty one', async () => {
  expect(await page(5)).toEqual({ items: [5, 4, 3, 2, 1], next: null });
});

test("what is no item's number is refused", async () => {
  await expect(page(2, 'x')).rejects.toMatchObject({ code: 'input.invalid' });
});

test('a list by name goes on after the name, whatever came or went between', () => {
  const names = ['b', 'd', 'a', 'c'];
  const first = namedPage({ limit: 2 }, names, (name) => name);
  expect(first).toEqual({ rows: ['a', 'b'], next: 'b' });
  expect(namedPage({ limit: 2, before: 'b' }, ['c', 'd', 'a'], (name) => name)).toEqual({
    rows: ['c', 'd'],
    next: null,
  });
});
