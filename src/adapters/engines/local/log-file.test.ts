import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile, logFiles, type StoredLine } from './log-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (name: string): readonly StoredLine[] =>
  readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredLine);
const texts = () => logFiles(folder).flatMap((name) => linesOf(name).map((line) => line.m));

test('pieces of a line are put together, also in the middle of a character', () => {
  const log = new LogFile(folder, { fileBytes: 10_000, files: 2 });
  const reader = log.reader(1);
  const bytes = Buffer.from('grüße\r\nan alle\nrest');
  for (const byte of bytes) reader.feed(Buffer.from([byte]));
  expect(texts()).toEqual(['grüße', 'an alle']);
  reader.end();
  log.close();
  expect(texts()).toEqual(['grüße', 'an alle', 'rest']);
});

test('a full file is followed by the next, and only so many are kept', () => {
  const log = new LogFile(folder, { fileBytes: 200, files: 3 });
  for (let count = 1; count <= 40; count++) log.write(2, [`line ${count} ${'x'.repeat(30)}`]);
  log.close();
  expect(logFiles(folder)).toHaveLength(3);
  expect(logFiles(folder)[0]).not.toBe('000001.ndjson');
  expect(texts().at(-1)).toContain('line 40');
  const numbers = texts().map((text) => Number(text.split(' ')[1]));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
});

test('the next writer goes on in the file of the last one', () => {
  for (const text of ['one', 'two']) {
    const log = new LogFile(folder, { fileBytes: 1000, files: 2 });
    log.write(1, [text]);
    log.close();
  }
  expect([logFiles(folder), texts()]).toEqual([['000001.ndjson'], ['one', 'two']]);
});

test('a line without end is cut and never kept in memory', () => {
  const log = new LogFile(folder, { fileBytes: 1_000_000, files: 2 });
  log.reader(1).feed(Buffer.alloc(40_000, 'a'));
  log.close();
  expect(texts().map((text) => text.length)).toEqual([16_384, 16_384, 7232]);
});

test('a log that cannot be written loses lines, tells how many, and throws nothing', () => {
  const place = join(folder, 'log');
  writeFileSync(place, 'a file where the folder should be');
  const log = new LogFile(place, { fileBytes: 1000, files: 2 });
  log.write(1, ['a', 'b']);
  rmSync(place);
  log.write(1, ['c']);
  log.close();
  expect(readdirSync(place)).toEqual(['000001.ndjson']);
  expect(readFileSync(join(place, '000001.ndjson'), 'utf8')).toMatch(/2 lines lost.*\n.*"m":"c"/);
});
