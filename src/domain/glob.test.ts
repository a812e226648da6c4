import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatcher } from './glob.ts';

test.each([
  ['main', 'main', true],
  ['main', 'main2', false],
  ['release-*', 'release-1.2', true],
  ['release-*', 'release-1/2', false],
  ['release/**', 'release/1/2', true],
  ['**', 'any/thing', true],
  ['**/package.json', 'package.json', true],
  ['**/package.json', 'a/b/package.json', true],
  ['**/package.json', 'a/b/my-package.json', false],
  ['lib/**/x.ts', 'lib/x.ts', true],
  ['lib/**/x.ts', 'lib/a/x.ts', true],
  ['v?.[0-9]', 'v1.2', true],
  ['v[!0-9]', 'v1', false],
  ['v[!0-9]', 'vx', true],
  ['{main,stable}', 'stable', true],
  ['{main,stable}-{1,2}', 'main-2', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['a.c', 'abc', false],
  ['', '', true],
])('%s and %s: %s', (pattern, text, expected) => expect(globMatcher(pattern)(text)).toBe(expected));

test('a text without special characters matches itself and nothing longer', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/[*?[\]{}\\]/.test(text)),
      (text) => {
        expect(globMatcher(text)(text)).toBe(true);
        expect(globMatcher(text)(`${text}x`)).toBe(false);
      },
    ),
  );
});

test('many stars on a long text that does not match take no noticeable time', () => {
  expect(globMatcher('*a'.repeat(40))('a'.repeat(2000))).toBe(true);
  expect(globMatcher(`${'*a'.repeat(40)}b`)('a'.repeat(2000))).toBe(false);
});
