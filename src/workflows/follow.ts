import type { Engine } from '#adapters/engines/contract.ts';
import { linkedTo, within } from '#adapters/within.ts';
import { SlipwayError } from '#domain/errors.ts';
import { type Goal, next, type Rollout, type RolloutEvent, startRollout, toTrim } from '#domain/rollout/rollout.ts';
import type { StackName } from '#domain/stack-name.ts';

export interface FollowInput {
  readonly engine: Engine;
  readonly stack: StackName;
  readonly goals: readonly Goal[];
  /** ms since the epoch, from the database: both hold over restarts. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly report: (state: Rollout, seen: RolloutEvent) => Promise<void>;
}

export type EndedRollout = Extract<Rollout, { at: 'done' | 'failed' }>;

/**
 * Watches a rollout to its end: observes at each hint of the engine's event stream and every second, and feeds `next`.
 * It may start over after a crash: all that it changes is what runs beyond what is wanted. An engine that does not answer is no
 * failure before the deadline.
 */
export async function follow(input: FollowInput, signal: AbortSignal): Promise<EndedRollout> {
  const { controller: stop, release } = linkedTo(signal);
  const bell = new Bell();
  const listening = listen(input, bell, stop.signal);
  try {
    let state: Rollout = startRollout(input.startedAt, input.deadline);
    for (;;) {
      const begun = Date.now();
      const seen = await look(input, signal);
      const lookedMs = Date.now() - begun;
      if (seen instanceof SlipwayError) {
        if (Date.now() >= input.deadline) return lost(input, seen);
        await input.report({ ...startRollout(input.startedAt, input.deadline), waiting: [seen.message] }, nothingSeen);
      } else {
        state = next(state, seen, input.goals);
        await input.report(state, seen);
        await trim(input, toTrim(state, seen.now), signal);
      }
      if (state.at === 'done' || state.at === 'failed') return state;
      await bell.wait(pauseMs(state, input.goals), restMs(lookedMs), signal);
    }
  } finally {
    release();
    stop.abort();
    await Promise.race([listening, bell.pause(partingMs, new AbortController().signal)]);
  }
}

/** The longest that one look may take, whatever the engine does: longer than its own time-outs. */
const lookMs = 40_000;
/** A stream that is told to end and does not is left behind after so long. */
const partingMs = 500;

/** Not much beyond the deadline, either. */
const lookLimitMs = (deadline: number): number => Math.min(lookMs, Math.max(1000, deadline - Date.now()));
const late = (): SlipwayError => new SlipwayError('engine.unreachable', 'the engine does not say in time what runs');

/** What the engine shows now, or the error of one that does not answer. */
async function look(input: FollowInput, signal: AbortSignal): Promise<RolloutEvent | SlipwayError> {
  try {
    const { instances, wanted } = await within(signal, { ms: lookLimitMs(input.deadline), late }, (limited) =>
      input.engine.observe(input.stack, limited),
    );
    return { now: Date.now(), instances, wanted };
  } catch (thrown) {
    if (isAway(thrown) && !signal.aborted) return thrown;
    throw thrown;
  }
}

/** An engine that is away is told with the next look. */
async function trim(input: FollowInput, services: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    for (const service of services)
      await within(signal, { ms: lookLimitMs(input.deadline), late }, (limited) =>
        input.engine.trim(input.stack, service, limited),
      );
  } catch (thrown) {
    if (!isAway(thrown) || signal.aborted) throw thrown;
  }
}

const isAway = (thrown: unknown): thrown is SlipwayError =>
  thrown instanceof SlipwayError && thrown.code === 'engine.unreachable';

const nothingSeen: RolloutEvent = { now: 0, instances: [], wanted: {} };

const lost = (input: FollowInput, error: SlipwayError): EndedRollout => ({
  at: 'failed',
  failures: input.goals.map((goal) => ({ service: goal.service, instance: null, why: error.message })),
});

async function listen(input: FollowInput, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of input.engine.watch(input.stack, signal)) bell.ring();
    } catch {
      // the engine's stream ended; the poll goes on, and the stream is opened again
    }
    if (!signal.aborted) await bell.pause(1000, signal);
  }
}

/** At most a second; no longer than the stability window still lasts. */
function pauseMs(state: Rollout, goals: readonly Goal[]): number {
  if (state.at !== 'stabilising') return 1000;
  const window = Math.max(0, ...goals.map((goal) => goal.stabilityMs));
  return Math.min(1000, Math.max(5, state.since + window - Date.now()));
}

/**
 * Engines send events in bursts, so rings within 30 ms count as one. One that answers slowly is busy with what is awaited:
 * looking takes a fifth of the time at most.
 */
const restMs = (lookedMs: number): number => Math.min(1000, Math.max(30, 4 * lookedMs));

/** Wakes a waiter early; a ring while nobody waits is kept. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits so long, or until it rings, at least `rest` ms. */
  async wait(ms: number, rest: number, signal: AbortSignal): Promise<void> {
    await this.pause(Math.min(ms, rest), signal);
    if (!this.#rung && ms > rest) await this.pause(ms - rest, signal, true);
    this.#rung = false;
    signal.throwIfAborted();
  }

  /** Waits so long, or until `signal`; with `early` a ring ends it too. */
  pause(ms: number, signal: AbortSignal, early = false): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        if (this.#wake === end) this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
      if (early) this.#wake = end;
    });
  }
}
