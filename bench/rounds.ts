import type { Prepared, Row, Sample } from './measurement.ts';

/** A row with its medians. `ratio`: ours through theirs, of the medians. */
export interface Result {
  readonly measurement: string;
  readonly what: string;
  readonly unit: 'ms' | 'MB' | 'ratio';
  readonly ours: number;
  readonly theirs: number | null;
  readonly against: string | null;
  readonly ratio: number | null;
  readonly goal: number | null;
  readonly rounds: number;
}

/**
 * Runs the sides in turns, so that what else the machine does meets all of them alike: A B C, B C A, C A B …, since what one
 * leaves the engine to do, the next one meets.
 */
export async function runRounds(
  prepared: Prepared,
  rounds: number,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(prepared.sides.map((side) => [side.name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const side of rotated(prepared.sides, round)) {
      if (round >= (side.rounds ?? rounds)) continue;
      const sample = await side.run(round);
      samples.get(side.name)?.push(sample);
      say(`  ${round + 1} ${side.name}: ${words(sample)}`);
    }
  return samples;
}

const rotated = <T>(items: readonly T[], by: number): readonly T[] => {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
};

const words = (sample: Sample): string =>
  Object.entries(sample)
    .map(([key, value]) => `${key} ${Math.round(value * 100) / 100}`)
    .join(', ');

/** @returns `null` where a side was not run. */
export function resultOf(
  measurement: string,
  row: Row,
  samples: ReadonlyMap<string, readonly Sample[]>,
): Result | null {
  const ours = valuesOf(samples, row.ours);
  const theirs = row.theirs ? valuesOf(samples, row.theirs) : null;
  if (ours.length === 0 || theirs?.length === 0) return null;
  const [mine, other] = [median(ours), theirs && median(theirs)];
  return {
    measurement,
    what: row.what,
    unit: row.unit ?? 'ms',
    ours: mine,
    theirs: other,
    against: row.theirs?.name ?? null,
    ratio: other === null ? null : mine / other,
    goal: row.goal ?? null,
    rounds: Math.min(ours.length, theirs?.length ?? ours.length),
  };
}

const valuesOf = (
  samples: ReadonlyMap<string, readonly Sample[]>,
  { side, key }: { readonly side: string; readonly key: string },
): readonly number[] => (samples.get(side) ?? []).flatMap((sample) => sample[key] ?? []);

/** The middle value; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
