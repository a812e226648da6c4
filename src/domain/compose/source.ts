/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** One file as it is being loaded, and what its relative paths and variables refer to. */
export interface Source {
  /** Absolute path. */
  readonly file: string;
  /** Directory that relative paths in it start from, absolute. */
  readonly directory: string;
  /** What `${X}` and keys without a value in it see. */
  readonly environment: Environment;
  /** Offsets at which its lines begin, ascending, the first 0. */
  readonly lineStarts: readonly number[];
}

/** The offsets at which the lines of a text begin. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Line and column, both from 1. */
export function positionOf(source: Source, offset: number): { readonly line: number; readonly column: number } {
  const starts = source.lineStarts;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
