import type { Health, Launch } from './record.ts';

/** What to do after the process of an instance ended by itself, or was ended for being unwell. */
export type Verdict =
  | { readonly next: 'restart'; readonly afterMs: number }
  | { readonly next: 'completed' }
  | { readonly next: 'failed' };

/** Longest rest between two starts. */
export const longestRestMs = 60_000;
/** A process that was well for so long before it failed starts anew at the shortest rest. */
export const goodRunMs = 30_000;
const shortestRestMs = 500;
const leastRestMs = 100;

/**
 * `failed`: it ended with another code than 0, could not start, or was unwell. `row`: failures one after another, this one
 * included. The rest doubles with each: 0.5 s (or the policy's delay), 1 s, 2 s … up to a minute,
 * unless the policy's delay is longer.
 */
export function verdict(launch: Pick<Launch, 'job' | 'restart'>, failed: boolean, row: number): Verdict {
  const { condition, delayMs, maxAttempts } = launch.restart;
  if (launch.job && !failed) return { next: 'completed' };
  const again = condition === 'any' || (condition === 'on-failure' && failed);
  if (!again) return failed || !launch.job ? endOf(failed) : { next: 'completed' };
  if (maxAttempts !== null && row > maxAttempts) return { next: 'failed' };
  // a delay of 0 would start a crashing process as fast as it can crash
  const first = Math.max(leastRestMs, delayMs ?? shortestRestMs);
  const doubled = first * 2 ** Math.min(20, Math.max(0, row - 1));
  return { next: 'restart', afterMs: Math.max(first, Math.min(longestRestMs, doubled)) };
}

const endOf = (failed: boolean): Verdict => ({ next: failed ? 'failed' : 'completed' });

/** What the probes of one start have told so far. `since`, `counted`: ms on the caller's clock. */
export interface Pulse {
  readonly health: 'starting' | 'healthy' | 'unhealthy';
  readonly since: number;
  readonly counted: number | null;
  readonly misses: number;
}

/** The health of an instance that has not been asked yet. */
export const firstPulse = (now: number): Pulse => ({ health: 'starting', since: now, counted: null, misses: 0 });

/**
 * The pulse after a probe. Until the first good answer it is asked more often (`startIntervalMs`), yet a miss counts only after
 * the start period, and at most once an interval; `retries` misses in a row make it unhealthy.
 */
export function beat(pulse: Pulse, well: boolean, now: number, health: Health): Pulse {
  if (well) return { ...pulse, health: 'healthy', counted: null, misses: 0 };
  if (pulse.health === 'starting') {
    const from = pulse.counted ?? pulse.since + health.startPeriodMs;
    if (now - from < health.intervalMs) return pulse;
  }
  const misses = pulse.misses + 1;
  return { ...pulse, counted: now, misses, health: misses >= health.retries ? 'unhealthy' : pulse.health };
}

/** Ms until the next probe. */
export const untilNext = (pulse: Pulse, health: Health): number =>
  pulse.health === 'starting' ? health.startIntervalMs : health.intervalMs;
