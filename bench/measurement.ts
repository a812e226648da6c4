import type { Ground } from './ground.ts';

/** What one round of one side took: milliseconds (or, where the row says so, another unit) by what was measured. */
export type Sample = Readonly<Record<string, number>>;

/** One of the things compared. Its rounds alternate with those of the others. */
export interface Side {
  readonly name: string;
  /** At most so many rounds of this side: some take minutes. */
  readonly rounds?: number;
  /** `round`: 0, 1, 2 … */
  run(round: number): Promise<Sample>;
}

/** What is shown of the samples: a value and, where there is something to compare it with, the ratio to it. */
export interface Row {
  readonly what: string;
  readonly ours: { readonly side: string; readonly key: string };
  readonly theirs?: { readonly side: string; readonly key: string; readonly name: string };
  /** The ratio of the medians that the project holds itself to, or without `theirs` the value. */
  readonly goal?: number;
  /** Default ms. */
  readonly unit?: 'ms' | 'MB' | 'ratio';
}

export interface Prepared {
  readonly sides: readonly Side[];
  readonly rows: readonly Row[];
  /** Facts that are counted, not timed, once all rounds are over. */
  notes?(): readonly string[];
  /** Removes all that it made, also after a round that failed. */
  remove(): Promise<void>;
}

/** One measurement: a file of this folder. */
export interface Measurement {
  readonly name: string;
  readonly about: string;
  /** `null` where something is missing on this machine, which it has told by `ground.say`. */
  prepare(ground: Ground): Promise<Prepared | null>;
}
