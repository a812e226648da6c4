/** The seed of this run: SLIPWAY_SEED, else a new one. It is printed, so that a failure can be had again. */
export const seed = Number(process.env.SLIPWAY_SEED ?? Math.floor(Math.random() * 1e9));

/** Numbers of 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** So many of the list, each at most once, in the list's order. */
export function sample<T>(list: readonly T[], count: number, random: () => number): readonly T[] {
  const left = list.map((_, index) => index);
  const chosen: number[] = [];
  while (chosen.length < count && left.length > 0) chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  return chosen.sort((a, b) => a - b).flatMap((index) => list[index] ?? []);
}
