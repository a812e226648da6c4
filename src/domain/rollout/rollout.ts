import type { Instance } from '../stack/instance.ts';
import type { ServiceSpec } from '../stack/spec.ts';

/** What a rollout has to reach for one service. */
export interface Goal {
  readonly service: string;
  readonly kind: 'service' | 'job';
  readonly stabilityMs: number;
  readonly failureBudget: number;
  /** The digest, image ID or checkout key every instance must run; `null`: nobody can say. */
  readonly artifact: string | null;
}

export interface RolloutFailure {
  readonly service: string;
  /** The instance that failed, where one is to blame: its log says more. */
  readonly instance: string | null;
  readonly why: string;
}

/** Where a rollout stands. `deadline`, `since`: ms since the epoch. */
export type Rollout =
  | {
      readonly at: 'progressing';
      readonly startedAt: number;
      readonly deadline: number;
      readonly waiting: readonly string[];
      /** Services whose instances are all well, beside which others run, and since when; `null`: none. */
      readonly surplus: { readonly since: number; readonly services: readonly string[] } | null;
    }
  | { readonly at: 'stabilising'; readonly startedAt: number; readonly deadline: number; readonly since: number }
  | { readonly at: 'done'; readonly unchecked: readonly string[] }
  | { readonly at: 'failed'; readonly failures: readonly RolloutFailure[] };

export interface RolloutEvent {
  readonly now: number;
  readonly instances: readonly Instance[];
  /** How many instances the engine means to run, by service. */
  readonly wanted: Readonly<Record<string, number>>;
}

/** Where every rollout begins. Both times in ms since the epoch. */
export const startRollout = (now: number, deadline: number): Extract<Rollout, { at: 'progressing' }> => ({
  at: 'progressing',
  startedAt: now,
  deadline,
  waiting: [],
  surplus: null,
});

/** What a service of the specification must reach. */
export function goalOf(service: ServiceSpec): Goal {
  const { artifact, rollout } = service;
  return {
    service: service.name,
    kind: service.mode.kind === 'job' ? 'job' : 'service',
    stabilityMs: rollout.stabilityMs,
    failureBudget: rollout.failureBudget,
    artifact: artifact.kind === 'image' ? artifact.pinned : artifact.kind === 'checkout' ? artifact.key : null,
  };
}

/**
 * What a rollout does next, given what the engine shows now. Done: every instance of every goal runs the present
 * specification, is healthy (or has no check), none of the old ones is left, and all that for the longest stability
 * window. A service that fails more often than its budget ends it at once, else the deadline does. Source: requirement 7.1.
 */
export function next(state: Rollout, event: RolloutEvent, goals: readonly Goal[]): Rollout {
  if (state.at === 'done' || state.at === 'failed') return state;
  const standings = goals.map((goal) => standing(goal, event, state.startedAt));
  const exhausted = standings.flatMap((item) => (item.failure ? [item.failure] : []));
  if (exhausted.length > 0) return { at: 'failed', failures: exhausted };
  const waiting = standings.filter((item) => item.waiting !== null);
  if (waiting.length > 0)
    return (
      overdue(state, event, waiting) ?? {
        at: 'progressing',
        startedAt: state.startedAt,
        deadline: state.deadline,
        waiting: waiting.map((item) => `${item.goal.service}: ${item.waiting}`),
        surplus: surplusIn(state, event.now, standings),
      }
    );
  const since = state.at === 'stabilising' ? state.since : event.now;
  const window = Math.max(0, ...goals.filter((goal) => goal.kind === 'service').map((goal) => goal.stabilityMs));
  if (event.now - since >= window)
    return { at: 'done', unchecked: standings.filter((item) => item.unchecked).map((item) => item.goal.service) };
  return { at: 'stabilising', startedAt: state.startedAt, deadline: state.deadline, since };
}

/** An engine takes the old instances away right after the new ones are well: what still runs so long after, it has lost sight of. */
const surplusMs = 4000;

/** The services whose surplus instances the engine is to be told to end, at this time (ms since the epoch). */
export const toTrim = (state: Rollout, now: number): readonly string[] =>
  state.at === 'progressing' && state.surplus !== null && now - state.surplus.since >= surplusMs
    ? state.surplus.services
    : [];

function surplusIn(state: Rollout, now: number, standings: readonly Standing[]) {
  const services = standings.filter((item) => item.surplus > 0).map((item) => item.goal.service);
  if (services.length === 0) return null;
  const before = state.at === 'progressing' ? state.surplus : null;
  return { since: before?.since ?? now, services };
}

function overdue(
  state: { readonly deadline: number },
  event: RolloutEvent,
  waiting: readonly Standing[],
): Rollout | null {
  if (event.now < state.deadline) return null;
  return {
    at: 'failed',
    failures: waiting.map((item) => ({
      service: item.goal.service,
      instance: item.blame,
      why: `not done by its deadline: ${item.waiting}`,
    })),
  };
}

interface Standing {
  readonly goal: Goal;
  /** What is still missing; `null`: nothing. */
  readonly waiting: string | null;
  /** How many instances run beside those that are wanted, which are all well. */
  readonly surplus: number;
  readonly failure: RolloutFailure | null;
  readonly unchecked: boolean;
  readonly blame: string | null;
}

function standing(goal: Goal, event: RolloutEvent, startedAt: number): Standing {
  const mine = event.instances.filter((instance) => instance.service === goal.service);
  const current = mine.filter((instance) => instance.current);
  const worst = current
    .map((instance) => ({ instance, recent: instance.failures.filter((failure) => failure.at >= startedAt) }))
    .sort((a, b) => b.recent.length - a.recent.length)[0];
  const last = worst?.recent.at(-1);
  const exhausted = worst !== undefined && last !== undefined && worst.recent.length >= goal.failureBudget;
  const bad = current.find((instance) => !isReady(goal, instance));
  const missing = missingFor(goal, current, event.wanted[goal.service]);
  const surplus = missing === null && goal.kind === 'service' ? mine.filter(isLeftRunning).length : 0;
  return {
    goal,
    waiting: missing ?? (surplus > 0 ? `${surplus} old instance(s) still run` : null),
    surplus,
    failure: exhausted
      ? {
          service: goal.service,
          instance: worst.instance.id,
          why: `failed ${worst.recent.length} times, last: ${last.message}`,
        }
      : null,
    unchecked: goal.kind === 'service' && current.some((instance) => instance.health === 'unchecked'),
    blame: bad?.id ?? null,
  };
}

const isLeftRunning = ({ current, state }: Instance): boolean =>
  !current && (state === 'running' || state === 'starting');

function missingFor(goal: Goal, current: readonly Instance[], wanted: number | undefined): string | null {
  if (wanted === undefined) return 'the engine does not have it yet';
  const ready = current.filter((instance) => isReady(goal, instance));
  if (ready.length < wanted)
    return describe(
      ready.length,
      wanted,
      current.find((instance) => !isReady(goal, instance)),
    );
  const foreign = ready.find((instance) => !isSameArtifact(goal.artifact, instance.artifact));
  return foreign ? `instance ${foreign.slot} runs ${foreign.artifact}, not ${goal.artifact}` : null;
}

/** Engines may leave out the repository's name: `name@sha256:…` and `sha256:…` are the same image. What nobody knows is no difference. */
function isSameArtifact(wanted: string | null, actual: string | null): boolean {
  if (wanted === null || actual === null) return true;
  const bare = (text: string): string => text.slice(text.indexOf('@') + 1);
  return bare(wanted) === bare(actual);
}

function describe(ready: number, wanted: number, bad: Instance | undefined): string {
  const count = `${ready} of ${wanted} ready`;
  if (!bad) return count;
  const why =
    bad.message ?? (bad.health === 'unhealthy' || bad.health === 'starting' ? `health ${bad.health}` : bad.state);
  return `${count}, instance ${bad.slot}: ${why}`;
}

/** Does this instance count for its goal? */
export function isReady(goal: Goal, instance: Instance): boolean {
  if (goal.kind === 'job') return instance.state === 'completed';
  return instance.state === 'running' && (instance.health === 'healthy' || instance.health === 'unchecked');
}
