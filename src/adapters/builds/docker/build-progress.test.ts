import { expect, test } from 'vitest';
import { followBuild } from './build-progress.ts';
import { fieldsOf, textField } from './wire.ts';

const message = (id: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts).toString('latin1');
  // textField frames bytes as well as text, as long as they are ASCII
  return textField(id, body);
};
const number = (id: number, value: number) => Buffer.from([id * 8, value]);
const at = (id: number, seconds: number) => message(id, number(1, seconds));
const trace = (...parts: Buffer[]) => ({ id: 'moby.buildkit.trace', aux: Buffer.concat(parts).toString('base64') });
const step = (id: string, name: string, ...rest: Buffer[]) => message(1, textField(1, id), textField(3, name), ...rest);
const log = (id: string, text: string) => message(3, textField(1, id), textField(4, text));

function follow(messages: readonly unknown[]) {
  const lines: string[] = [];
  const progress = followBuild((line) => lines.push(line));
  for (const one of messages) progress.message(one);
  return { lines, end: progress.end() };
}

test('BuildKit’s steps are numbered lines, with their output, time and cache hits', () => {
  const { lines, end } = follow([
    trace(step('a', '[internal] load build definition', at(5, 1), at(6, 2))),
    trace(step('b', '[1/2] FROM x', at(5, 1), at(6, 1), number(4, 1)), step('c', '[2/2] RUN y')),
    trace(step('c', '[2/2] RUN y', at(5, 1)), log('c', 'one\ntw')),
    trace(log('c', 'o\n'), step('c', '', at(5, 1), at(6, 4))),
    { id: 'moby.image.id', aux: { ID: 'sha256:1' } },
    { stream: 'Successfully tagged x\n' },
  ]);
  expect(lines).toEqual([
    '#2 [1/2] FROM x',
    '#2 CACHED',
    '#3 [2/2] RUN y',
    '#3 one',
    '#3 two',
    '#3 DONE 3.0s',
    'Successfully tagged x',
  ]);
  expect(end).toMatchObject({ imageId: 'sha256:1', error: null });
});

test('of a failed build the failing step’s lines are kept, not those of the steps beside it', () => {
  const { end } = follow([
    trace(step('a', 'RUN fails', at(5, 1)), step('b', 'RUN other', at(5, 1))),
    trace(log('a', 'its line\n'), log('b', 'other line\n')),
    trace(step('b', '', at(5, 1), at(6, 2), textField(7, 'context canceled'))),
    trace(step('a', '', at(5, 1), at(6, 2), textField(7, 'exit code: 1'))),
    { error: 'exit code: 1' },
  ]);
  expect(end).toEqual({ imageId: null, error: 'exit code: 1', step: 'RUN fails', lines: ['its line'] });
});

test('the classic builder’s output is passed on line by line, with the step it failed at', () => {
  const { lines, end } = follow([
    { stream: 'Step 1/2 : FROM x\n' },
    { status: 'Pulling from library/x', id: '1' },
    { status: 'Downloading', id: 'abc', progressDetail: { current: 1 } },
    { stream: 'Step 2/2 : RUN fa' },
    { stream: 'il\n' },
    { stream: '\u001b[91moh\u001b[0m\n' },
    { error: 'returned a non-zero code: 3', errorDetail: { code: 3 } },
  ]);
  expect(lines).toEqual(['Step 1/2 : FROM x', '1: Pulling from library/x', 'Step 2/2 : RUN fail', 'oh']);
  expect(end).toMatchObject({ error: 'returned a non-zero code: 3', step: 'RUN fail', lines });
});

test('messages that are none do no harm', () => {
  const { end } = follow([
    null,
    'text',
    7,
    {},
    { aux: null },
    trace(Buffer.from([0xff, 0xff, 0xff])),
    trace(Buffer.from([0x0a, 0x7f, 0x01])),
  ]);
  expect(end).toMatchObject({ imageId: null, error: null });
});

test('fields of every wire type are read or passed over', () => {
  const bytes = Buffer.from([0x08, 0xac, 0x02, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4, 0x22, 2, 0x68, 0x69]);
  expect([...fieldsOf(bytes)].map(({ id, number, bytes }) => [id, number, bytes.toString()])).toEqual([
    [1, 300, ''],
    [4, 0, 'hi'],
  ]);
});
