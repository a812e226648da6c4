import { expect, test } from 'vitest';
import { json, storable } from './columns.ts';

test('what PostgreSQL cannot hold is replaced, and nothing else', () => {
  expect(storable('a\0b')).toBe('a\ufffdb');
  expect(storable('x\ud800y\udc00')).toBe('x\ufffdy\ufffd');
  expect(storable('naïve 🚀\n')).toBe('naïve 🚀\n');
  expect(json({ a: ['\0'] })).toBe('{"a":["\ufffd"]}');
});
