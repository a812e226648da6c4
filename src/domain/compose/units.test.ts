import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBytes } from './bytes.ts';
import { formatDuration, parseDuration } from './durations.ts';

test.each([
  ['1m30s', '1m30s'],
  ['90s', '1m30s'],
  ['1.5h', '1h30m0s'],
  ['2d', '48h0m0s'],
  ['1w', '168h0m0s'],
  ['500ms', '500ms'],
  ['1500us', '1.5ms'],
  ['10ns', '10ns'],
  ['0', '0s'],
  ['-5s', '-5s'],
])('the duration %s is printed as %s', (text, printed) => {
  expect(formatDuration(parseDuration(text) ?? -1n)).toBe(printed);
});

test.each(['90', '', '1x', 's', '1m 30s'])("'%s' is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('a printed duration is read as what it was', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (nanoseconds) => {
      expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
    }),
  );
});

test.each([
  ['64m', 64 * 1024 ** 2],
  ['1.5G', 1.5 * 1024 ** 3],
  ['64 mb', 64 * 1024 ** 2],
  ['1gib', 1024 ** 3],
  ['1024', 1024],
  ['10b', 10],
  ['-1', -1],
])('the size %s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', '1x', 'm', '1kk', '1e3', '-5m'])("'%s' is no size", (text) => {
  expect(parseBytes(text)).toBeUndefined();
});
