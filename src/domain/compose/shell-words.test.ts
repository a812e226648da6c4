import { expect, test } from 'vitest';
import { shellWords } from './shell-words.ts';

test.each([
  ['echo  "a b" \'c d\' e\\ f', ['echo', 'a b', 'c d', 'e f']],
  ['a "" \'\' b', ['a', '', '', 'b']],
  ['--x="1 2" -y', ['--x=1 2', '-y']],
  ['line\nnext', ['line', 'next']],
  ['echo $(date +%s) `id -u`', ['echo', '$(date +%s)', '`id -u`']],
  ["sh -c 'a && b'", ['sh', '-c', 'a && b']],
  ['', []],
  ['  ', []],
])('%j is split into words', (line, words) => {
  expect(shellWords(line)).toEqual({ words, cut: '' });
});

test.each([
  ['a && b', ['a'], '&& b'],
  ['a; b', ['a'], '; b'],
  ['a > f', ['a'], '> f'],
  ['a 2>/dev/null', ['a'], '>/dev/null'],
])('%j is cut where a shell would be needed', (line, words, cut) => {
  expect(shellWords(line)).toEqual({ words, cut });
});

test.each(['"open', "it's", 'a (b)', '$(open', 'end\\'])('%j is refused', (line) => {
  expect(shellWords(line)).toBeUndefined();
});
