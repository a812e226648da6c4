import { styleText } from 'node:util';

type Paint = (text: string) => string;
/** Colours by what they mean; without colours each gives the text as it is. */
export interface Paints {
  readonly good: Paint;
  readonly bad: Paint;
  readonly changed: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

/** Where a command writes to. */
export interface Screen {
  readonly json: boolean;
  readonly isTerminal: boolean;
  /** In characters. */
  readonly width: number;
  readonly height: number;
  readonly paint: Paints;
  /** To the standard output. */
  write(text: string | Uint8Array): void;
  /** What another program wrote to its standard error. */
  writeError(text: string | Uint8Array): void;
}

/** Colours only on a terminal, and not where NO_COLOR says so. Source: no-color.org. */
export function hasColours(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** Ways to make a text stand out; without colours they give it back as it is. */
export function paints(colours: boolean): Paints {
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (text) =>
      colours && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    bad: paint('red'),
    changed: paint('yellow'),
    faint: paint('dim'),
    strong: paint('bold'),
  };
}

/** Rows as columns, two spaces apart, without trailing spaces; `head` in upper case above them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head.map((title) => title.toUpperCase()), ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  return all
    .map((row) => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** A text's width without the escapes that colour it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const widthOf = (text: string): number => [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;

/** What others wrote, without the control characters by which it could write over the terminal. Tabs and ends of lines stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const plain = (text: string): string => text.replace(/\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]/g, '');

/** `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

/** `5 services`, `1 service` */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
