import { expect, test } from 'vitest';
import { duration, hasColours, paints, plain, table, widthOf } from './output.ts';

test.each([
  ['on a terminal', true, {}, true],
  ['not in a pipe', false, {}, false],
  ['not where NO_COLOR says so', true, { NO_COLOR: '1' }, false],
  ['where NO_COLOR is empty, as the convention has it', true, { NO_COLOR: '' }, true],
  ['not on a dumb terminal', true, { TERM: 'dumb' }, false],
] as const)('there are colours %s', (_, isTerminal, env, expected) =>
  expect(hasColours(isTerminal, env)).toBe(expected),
);

test('columns are as wide as what is in them, whatever its colour', () => {
  const { good } = paints(true);
  const lines = table(
    ['name', 'state'],
    [
      [good('web'), 'ok'],
      ['database', 'failed'],
    ],
  )
    .split('\n')
    .map(widthOf);
  expect(
    table(
      ['name', 'state'],
      [
        ['web', 'ok'],
        ['database', ''],
      ],
    ),
  ).toBe('NAME      STATE\nweb       ok\ndatabase\n');
  expect(lines).toEqual([15, 12, 16, 0]);
});

test('what others wrote cannot write over the terminal', () =>
  expect(plain('\x1b[2Ja\x07b\rc\td\n\x1b[31mred')).toBe('abc\td\nred'));

test.each([
  [400, '0 s'],
  [42_000, '42 s'],
  [60_000, '1 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [4 * 86_400_000, '4 d'],
] as const)('%i ms are %s', (ms, expected) => expect(duration(ms)).toBe(expected));
