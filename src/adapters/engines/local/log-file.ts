import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** One stored line: `t` ms since the epoch, `s` 1 for stdout, 2 for stderr, `m` the text. */
export interface StoredLine {
  readonly t: number;
  readonly s: 1 | 2;
  readonly m: string;
}

/** Longest line kept in one piece, in characters; as others do, a longer one is cut. */
const longestLine = 16_384;

/** Log files of an instance in the order of their writing: `000001.ndjson` … A higher number is never older. */
export function logFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{6,}\.ndjson$/.test(name))
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  } catch {
    return [];
  }
}

/**
 * Writes the lines of one instance to numbered files: when one is full the next begins, and the oldest beyond `files` goes.
 * A disk that is full loses lines, never the process: their number is noted once there is room.
 */
export class LogFile {
  readonly #folder: string;
  readonly #fileBytes: number;
  readonly #files: number;
  #number: number;
  #fd: number | null = null;
  #size = 0;
  #lost = 0;

  constructor(folder: string, limits: { readonly fileBytes: number; readonly files: number }) {
    this.#folder = folder;
    this.#fileBytes = limits.fileBytes;
    this.#files = limits.files;
    this.#number = Number.parseInt(logFiles(folder).at(-1) ?? '1', 10);
  }

  /** Feeds a stream's bytes; what does not end with a new line waits for its rest, `end` writes it as it is. */
  reader(stream: 1 | 2): { readonly feed: (bytes: Buffer) => void; readonly end: () => void } {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const feed = (bytes: Buffer) => {
      const lines = (rest + decoder.write(bytes)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) {
        lines.push(rest);
        rest = '';
      }
      this.write(stream, lines);
    };
    const end = () => {
      const last = rest + decoder.end();
      rest = '';
      if (last !== '') this.write(stream, [last]);
    };
    return { feed, end };
  }

  write(stream: 1 | 2, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const t = Date.now();
    const pieces = lines.flatMap((line) => cut(line.endsWith('\r') ? line.slice(0, -1) : line));
    const stored = pieces.map((m): StoredLine => ({ t, s: stream, m }));
    const note: StoredLine[] = this.#lost > 0 ? [{ t, s: 2, m: `[${this.#lost} lines lost: disk full]` }] : [];
    try {
      this.#append([...note, ...stored].map((line) => `${JSON.stringify(line)}\n`).join(''));
      this.#lost = 0;
    } catch {
      this.#lost += lines.length;
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#fd !== null && this.#size > 0 && this.#size + bytes.length > this.#fileBytes) this.#turn();
    const fd = this.#open();
    // a part that a full disk cut off must not join the next line
    const written = writeSync(fd, bytes);
    this.#size += written;
    if (written < bytes.length) {
      writeSync(fd, '\n');
      throw new Error('disk full');
    }
  }

  #open(): number {
    if (this.#fd !== null) return this.#fd;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#fd = openSync(this.#path(), 'a', 0o600);
    this.#size = statSync(this.#path()).size;
    return this.#fd;
  }

  #turn(): void {
    this.close();
    this.#number += 1;
    for (const name of logFiles(this.#folder).slice(0, -Math.max(1, this.#files - 1)))
      rmSync(join(this.#folder, name), { force: true });
  }

  #path(): string {
    return join(this.#folder, `${String(this.#number).padStart(6, '0')}.ndjson`);
  }
}

function cut(line: string): readonly string[] {
  if (line.length <= longestLine) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += longestLine) pieces.push(line.slice(at, at + longestLine));
  return pieces;
}
