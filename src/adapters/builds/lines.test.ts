import { expect, test } from 'vitest';
import { cleanLine, keepLast, splitLines } from './lines.ts';

test('output in any pieces comes as the same lines', () => {
  const output = Buffer.from('größe\n\nsecond\r\nlast');
  for (let size = 1; size <= output.length; size++) {
    const lines: string[] = [];
    const splitter = splitLines((line) => lines.push(line));
    for (let at = 0; at < output.length; at += size) splitter.write(output.subarray(at, at + size));
    splitter.end();
    expect(lines).toEqual(['größe', 'second', 'last']);
  }
});

test.each([
  ['10%\r50%\r100%', '100%'],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['a\x00b\x07c\td', 'abc\td'],
  ['\x1b]8;;http://x\x07link\x1b]8;;\x07', 'link'],
  ['  indented  ', '  indented'],
])('%j is shown as %j', (raw, shown) => expect(cleanLine(raw)).toBe(shown));

test('a line without end is cut, and does not fill the memory', () => {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (let i = 0; i < 1000; i++) splitter.write(Buffer.alloc(10_000, 'x'));
  splitter.end();
  expect(lines).toEqual([`${'x'.repeat(8192)}…`]);
});

test('the last lines are kept, all are passed on', () => {
  const passed: string[] = [];
  const last = keepLast(2, (line) => passed.push(line));
  for (const line of ['a', 'b', 'c']) last.add(line);
  expect([last.lines(), passed]).toEqual([
    ['b', 'c'],
    ['a', 'b', 'c'],
  ]);
});
