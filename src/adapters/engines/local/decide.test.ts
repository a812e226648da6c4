import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Candidate, chosen, decide, type Wish } from './decide.ts';

const one = (slot: string, change: Partial<Candidate> = {}): Candidate => ({
  id: `${slot}.${change.number ?? 1}.${change.revision ?? 'new'}`,
  slot,
  number: 1,
  revision: 'new',
  isToStop: false,
  hasEnded: false,
  isReady: true,
  ...change,
});
const wish = (slots: readonly string[], parallelism = 0): Wish => ({ revision: 'new', slots, parallelism });
const old = { revision: 'old' } as const;

test.each([
  ['makes what is not there', wish(['1', '2']), [], ['1', '2'], []],
  ['leaves what is right', wish(['1']), [one('1')], [], []],
  ['stops what no slot is left for', wish(['1']), [one('1'), one('2')], [], ['2.1.new']],
  [
    'replaces all at once where nothing was said',
    wish(['1', '2']),
    [one('1', old), one('2', old)],
    ['1', '2'],
    ['1.1.old', '2.1.old'],
  ],
  ['replaces so many at once as it may', wish(['1', '2'], 1), [one('1', old), one('2', old)], ['1'], ['1.1.old']],
  [
    'waits for the one that is on its way',
    wish(['1', '2'], 1),
    [one('1', { isReady: false }), one('1', { ...old, isToStop: true }), one('2', old)],
    [],
    [],
  ],
  ['goes on once that is ready', wish(['1', '2'], 1), [one('1'), one('2', old)], ['2'], ['2.1.old']],
  [
    'does not wait to replace one that is not well',
    wish(['1', '2'], 1),
    [one('1', { isReady: false }), one('2', { ...old, isReady: false })],
    ['2'],
    ['2.1.old'],
  ],
  ['makes one again that was told to stop', wish(['1']), [one('1', { isToStop: true })], ['1'], []],
  ['does not run a completed one again', wish(['1']), [one('1', { hasEnded: true })], [], []],
  ['stops everything of a service that is gone', null, [one('1'), one('2', { hasEnded: true })], [], ['1.1.new']],
] as const)('%s', (_, wanted, all, make, stop) => {
  expect(decide(wanted, all)).toEqual({ make, stop });
});

test('the newest instance stands for a slot', () => {
  const all = [one('1', { number: 2 }), one('1', { number: 10 }), one('1', { number: 11, isToStop: true })];
  expect(chosen(wish(['1']), '1', all)?.number).toBe(10);
});

const candidate = fc.record({
  id: fc.uuid(),
  slot: fc.constantFrom('1', '2', '3'),
  number: fc.integer({ min: 1, max: 9 }),
  revision: fc.constantFrom('new', 'old'),
  isToStop: fc.boolean(),
  hasEnded: fc.boolean(),
  isReady: fc.boolean(),
});

/** The world after a decision was carried out and everything became well. */
function carriedOut(all: readonly Candidate[], { make, stop }: ReturnType<typeof decide>): readonly Candidate[] {
  const number = Math.max(0, ...all.map((other) => other.number)) + 1;
  const kept = all.map((other) => (stop.includes(other.id) ? { ...other, isToStop: true, hasEnded: true } : other));
  return [...kept, ...make.map((slot) => one(slot, { id: `${slot}-${number}`, number }))];
}

test('from any state it comes to rest with one instance of the revision in each slot', () => {
  fc.assert(
    fc.property(fc.uniqueArray(candidate, { selector: (each) => each.id }), fc.nat(3), (start, parallelism) => {
      const wanted = wish(['1', '2'], parallelism);
      let all: readonly Candidate[] = start;
      for (let round = 0; round < 12; round++)
        all = carriedOut(all, decide(wanted, all)).map((each) => (each.hasEnded ? each : { ...each, isReady: true }));
      expect(decide(wanted, all)).toEqual({ make: [], stop: [] });
      for (const slot of wanted.slots) expect(chosen(wanted, slot, all)).toBeDefined();
      const living = all.filter((each) => !each.isToStop && !each.hasEnded);
      expect(living.every((each) => each.revision === 'new' && wanted.slots.includes(each.slot))).toBe(true);
    }),
  );
});
