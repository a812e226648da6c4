import { expect, test } from 'vitest';
import { lineReader } from './log-lines.ts';
import { task } from './shapes.ts';

const one = (TTY: boolean) =>
  task.parse({
    ID: 't1',
    CreatedAt: '',
    ServiceID: 's',
    DesiredState: 'running',
    Spec: { ContainerSpec: { TTY, Labels: { 'slipway.service': 'web' } } },
    Status: { Timestamp: '', State: 'running' },
  });
const frame = (kind: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};
const at = '2026-11-21T10:00:00.5Z';

function read(chunks: readonly Buffer[], tty = false): readonly [string, string][] {
  const lines: [string, string][] = [];
  const reader = lineReader(one(tty), (line) => lines.push([line.stream, line.text]));
  for (const chunk of chunks) reader.feed(chunk);
  reader.end();
  return lines;
}

test('lines come with their stream, however the bytes are cut', () => {
  const all = Buffer.concat([frame(1, `${at} out\n`), frame(2, `${at} grüße\n`)]);
  for (let cut = 1; cut < all.length; cut += 1)
    expect(read([all.subarray(0, cut), all.subarray(cut)])).toEqual([
      ['stdout', 'out'],
      ['stderr', 'grüße'],
    ]);
});

test('a line that comes in parts is one line', () =>
  expect(read([frame(1, `${at} first `), frame(2, `${at} other\n`), frame(1, `${at} second\n`)])).toEqual([
    ['stderr', 'other'],
    ['stdout', 'first second'],
  ]));

test('the last line needs no end', () => expect(read([frame(1, `${at} cut`)])).toEqual([['stdout', 'cut']]));
test('the engine’s own words are no line', () => expect(read([frame(3, 'incomplete log stream')])).toEqual([]));
test('a terminal has no frames', () => expect(read([Buffer.from(`${at} hi\r\n`)], true)).toEqual([['stdout', 'hi']]));
