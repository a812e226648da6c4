import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beat, firstPulse, longestRestMs, untilNext, verdict } from './policy.ts';
import type { Health, Launch } from './record.ts';

const restart = (
  condition: 'none' | 'on-failure' | 'any',
  more: Partial<Launch['restart']> = {},
): Launch['restart'] => ({
  condition,
  delayMs: null,
  maxAttempts: null,
  ...more,
});

test.each([
  ['a job that ends well is completed', true, 'any', false, { next: 'completed' }],
  ['a job that fails is tried again where it may be', true, 'on-failure', true, { next: 'restart', afterMs: 500 }],
  ['a job that fails and may not restart has failed', true, 'none', true, { next: 'failed' }],
  ['a service that ends well is started again under any', false, 'any', false, { next: 'restart', afterMs: 500 }],
  ['a service that ends well stays so under on-failure', false, 'on-failure', false, { next: 'completed' }],
  [
    'a service that fails is started again under on-failure',
    false,
    'on-failure',
    true,
    { next: 'restart', afterMs: 500 },
  ],
  ['a service that fails and may not restart has failed', false, 'none', true, { next: 'failed' }],
] as const)('%s', (_, job, condition, failed, expected) => {
  expect(verdict({ job, restart: restart(condition) }, failed, 1)).toEqual(expected);
});

test('the rest between two starts doubles up to a minute, from the delay that was asked for', () => {
  const rests = [1, 2, 3, 4, 9, 30].map((row) => verdict({ job: false, restart: restart('any') }, true, row));
  expect(rests.map((one) => (one.next === 'restart' ? one.afterMs : one))).toEqual([
    500, 1000, 2000, 4000, 60_000, 60_000,
  ]);
  const asked = verdict({ job: false, restart: restart('any', { delayMs: 200 }) }, true, 2);
  expect(asked).toEqual({ next: 'restart', afterMs: 400 });
});

test('a service that failed once more than it may has failed for good', () => {
  const launch = { job: false, restart: restart('any', { maxAttempts: 2 }) };
  expect([1, 2, 3].map((row) => verdict(launch, true, row).next)).toEqual(['restart', 'restart', 'failed']);
});

test('a rest is never none, endless or longer than the longest or the one that was asked for', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.option(fc.nat(100_000)), (row, delayMs) => {
      const next = verdict({ job: false, restart: restart('any', { delayMs }) }, true, row);
      if (next.next === 'restart')
        expect(next.afterMs).toSatisfy((ms: number) => ms >= 100 && ms <= Math.max(longestRestMs, delayMs ?? 0));
    }),
  );
});

const health: Health = {
  probe: { kind: 'tcp' },
  intervalMs: 1000,
  timeoutMs: 1000,
  startPeriodMs: 2000,
  startIntervalMs: 100,
  retries: 2,
};

/** Probes at the given times, all with the same result. */
const probed = (pulse: ReturnType<typeof firstPulse>, well: boolean, ...times: readonly number[]) =>
  times.reduce((now, at) => beat(now, well, at, health), pulse);

test('one good answer makes it healthy, however many bad ones came before in its start period', () => {
  const early = probed(firstPulse(0), false, 100, 200, 300, 1900);
  expect([early.health, early.misses]).toEqual(['starting', 0]);
  expect(probed(early, true, 1950).health).toBe('healthy');
});

test('while it starts, a miss counts only after the start period, and once an interval', () => {
  expect(probed(firstPulse(0), false, 2500, 2900).misses).toBe(0);
  expect(probed(firstPulse(0), false, 3000, 3100, 3900).misses).toBe(1);
  expect(probed(firstPulse(0), false, 3000, 4000).health).toBe('unhealthy');
});

test('once healthy, so many misses in a row make it unhealthy, and a good answer forgets them', () => {
  const well = probed(firstPulse(0), true, 10);
  expect(probed(well, false, 1000).health).toBe('healthy');
  expect(probed(probed(probed(well, false, 1000), true, 2000), false, 3000).health).toBe('healthy');
  expect(probed(well, false, 1000, 2000).health).toBe('unhealthy');
});

test('it is asked more often until its first good answer', () => {
  expect(untilNext(firstPulse(0), health)).toBe(100);
  expect(untilNext(probed(firstPulse(0), true, 10), health)).toBe(1000);
});
