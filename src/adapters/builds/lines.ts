import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Longest line that is passed on, in characters; the rest of it is left out. */
const longest = 8192;

/** Takes a program's output in pieces and passes it on in lines, as text that is safe to show. */
export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Passes on what has no line end yet. */
  end(): void;
}

/** Lines without colours, control characters and what a progress bar has overwritten. */
export function splitLines(line: (text: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let waiting = '';
  const pass = (text: string) => {
    const shown = cleanLine(text);
    if (shown !== '') line(shown);
  };
  return {
    write(chunk) {
      const pieces = (waiting + decoder.write(chunk)).split('\n');
      waiting = pieces.pop() ?? '';
      for (const piece of pieces) pass(piece);
      // a program that never ends its line must not fill the memory
      if (waiting.length > 16 * longest) waiting = waiting.slice(0, longest);
    },
    end() {
      pass(waiting + decoder.end());
      waiting = '';
    },
  };
}

/** One line as it may be shown and kept. */
export function cleanLine(text: string): string {
  const visible = stripVTControlCharacters(text.trimEnd().split('\r').at(-1) ?? '');
  const plain = visible.replace(/(?!\t)\p{Cc}/gu, '');
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}

/** Passes lines on and remembers the last ones, for the error that may come. */
export interface LastLines {
  readonly add: (line: string) => void;
  readonly lines: () => readonly string[];
}

/** Passes lines on, and keeps the last `count` of them for an error. */
export function keepLast(count: number, pass: (line: string) => void): LastLines {
  const kept: string[] = [];
  return {
    add(line) {
      kept.push(line);
      if (kept.length > count) kept.shift();
      pass(line);
    },
    lines: () => kept,
  };
}
