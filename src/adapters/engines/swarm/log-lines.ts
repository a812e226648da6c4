import type { LogLine } from '../contract.ts';
import { frameReader } from './frames.ts';
import { label } from './names.ts';
import { labelsOf, type Task } from './shapes.ts';

export interface LineReader {
  feed(chunk: Buffer): void;
  /** Says the last line, where it has no end. */
  end(): void;
}

type Stream = LogLine['stream'];

/**
 * Docker's log of one task as lines. Each frame is `<time> <text>`; a line longer than 16 kB comes in several, each with a
 * time of its own, and only the last ends with a newline. With a terminal there are no frames, all is stdout.
 */
export function lineReader(task: Task, onLine: (line: LogLine) => void): LineReader {
  const held: Record<Stream, { at: number; text: string } | null> = { stdout: null, stderr: null };
  const said = { service: labelsOf(task)[label.service] ?? '', instance: task.ID };
  const flush = (stream: Stream): void => {
    const line = held[stream];
    if (line) onLine({ ...said, stream, at: line.at, text: line.text.replace(/\r$/, '') });
    held[stream] = null;
  };
  const take = (stream: Stream, text: string): void => {
    for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const { at, rest } = stamped(piece);
      const line = held[stream] ?? { at, text: '' };
      held[stream] = { at: line.at, text: line.text + rest.replace(/\n$/, '') };
      if (piece.endsWith('\n')) flush(stream);
    }
  };
  const frames = frameReader(({ kind, payload }) => {
    if (kind === 'stdout' || kind === 'stderr') take(kind, payload.toString('utf8'));
  });
  return {
    feed: task.Spec.ContainerSpec?.TTY === true ? (chunk) => take('stdout', chunk.toString('utf8')) : frames,
    end: () => {
      flush('stdout');
      flush('stderr');
    },
  };
}

/** `2026-11-21T10:40:12.717415598Z text` */
function stamped(piece: string): { readonly at: number; readonly rest: string } {
  const space = piece.indexOf(' ');
  const at = Date.parse(piece.slice(0, space));
  return Number.isNaN(at) ? { at: 0, rest: piece } : { at, rest: piece.slice(space + 1) };
}
