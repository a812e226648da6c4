import { expect, test } from 'vitest';
import { recent } from './recent.ts';

test('the values that were kept last stay, the one kept longest ago goes', () => {
  const memory = recent<number>(2);
  expect(memory.keep('shop/a', 1)).toBe(1);
  memory.keep('shop/b', 2);
  memory.keep('shop/a', 3);
  memory.keep('shop/c', 4);
  expect(['shop/a', 'shop/b', 'shop/c'].map(memory.get)).toEqual([3, undefined, 4]);
});

test('what begins so is forgotten, and nothing else', () => {
  const memory = recent<number>(9);
  for (const key of ['shop/a', 'shop/b', 'shop2/a']) memory.keep(key, 1);
  memory.forget('shop/');
  expect(['shop/a', 'shop/b', 'shop2/a'].map(memory.get)).toEqual([undefined, undefined, 1]);
});
