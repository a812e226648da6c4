import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '#domain/errors.ts';
import type { LogLine, LogQuery } from '../contract.ts';
import type { KeptInstance, StackFolder } from './folders.ts';
import { logFiles, type StoredLine } from './log-file.ts';
import { hasEnded } from './record.ts';

const pollMs = 150;
const chunkBytes = 1024 * 1024;

/** How far one instance's log was read. */
interface Cursor {
  file: string | null;
  offset: number;
}

/** The lines that a query asks for, oldest first; then, when it follows, the new ones as they come until `signal`. */
export async function* logsOf(folder: StackFolder, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
  const cursors = new Map<string, Cursor>();
  const read = (tail: number | undefined): readonly LogLine[] =>
    selected(folder, query)
      .flatMap((one) => {
        const isNew = !cursors.has(one.record.id);
        const cursor = cursors.get(one.record.id) ?? { file: null, offset: 0 };
        cursors.set(one.record.id, cursor);
        const lines = linesAfter(one, cursor);
        return isNew && tail !== undefined ? lines.slice(lines.length - Math.min(tail, lines.length)) : lines;
      })
      .sort((a, b) => a.at - b.at);
  signal.throwIfAborted();
  if (query.instance !== undefined && folder.instance(query.instance) === null)
    throw new SlipwayError('engine.no_instance', `stack '${folder.stack}' has no instance '${query.instance}'`);
  yield* read(query.tail);
  while (query.follow === true && !signal.aborted) {
    const isOver = query.instance !== undefined && isDone(folder.instance(query.instance));
    yield* read(undefined);
    if (isOver) return;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

function selected(folder: StackFolder, query: LogQuery): readonly KeptInstance[] {
  return folder
    .instances()
    .filter(({ record }) => query.service === undefined || record.service === query.service)
    .filter(({ record }) => query.instance === undefined || record.id === query.instance);
}

const isDone = (one: KeptInstance | null): boolean => one === null || (one.state !== null && hasEnded(one.state));

/** All whole lines after the cursor, which moves behind them: through the numbered files in their order. */
function linesAfter({ record }: KeptInstance, cursor: Cursor): readonly LogLine[] {
  const lines: LogLine[] = [];
  const files = logFiles(record.log.folder);
  const from =
    cursor.file === null
      ? 0
      : Math.max(
          0,
          files.findIndex((name) => Number.parseInt(name, 10) >= Number.parseInt(cursor.file ?? '0', 10)),
        );
  for (const name of files.slice(from)) {
    if (name !== cursor.file) Object.assign(cursor, { file: name, offset: 0 });
    for (const line of storedAfter(join(record.log.folder, name), cursor))
      lines.push({
        service: record.service,
        instance: record.id,
        stream: line.s === 1 ? 'stdout' : 'stderr',
        at: line.t,
        text: line.m,
      });
  }
  return lines;
}

function storedAfter(path: string, cursor: Cursor): readonly StoredLine[] {
  const text = textAfter(path, cursor.offset);
  const whole = text.subarray(0, text.lastIndexOf(10) + 1);
  cursor.offset += whole.length;
  return whole
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine)
    .filter((line) => line !== null);
}

/** A line that a full disk cut off is left out. */
function parseLine(text: string): StoredLine | null {
  try {
    return JSON.parse(text) as StoredLine;
  } catch {
    return null;
  }
}

function textAfter(path: string, offset: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const parts: Buffer[] = [];
    for (let at = offset; ; ) {
      const part = Buffer.alloc(chunkBytes);
      const size = readSync(fd, part, 0, chunkBytes, at);
      if (size === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, size));
      at += size;
    }
  } finally {
    closeSync(fd);
  }
}
