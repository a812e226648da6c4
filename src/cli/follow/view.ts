import type { DeploymentStatus } from '#domain/deployment.ts';
import { isFinal } from '#domain/deployment.ts';
import { type EventData, type EventType, eventTypes } from '#domain/events/types.ts';

/** An event as the follower takes it. `at`: ms since the epoch. */
export interface Seen {
  readonly type: string;
  readonly at: number;
  readonly data: unknown;
}

export type StepName = 'queue' | 'build' | 'test' | 'deploy' | 'verify' | 'roll back';
/** A step of a deployment. Times: ms since the epoch. */
export interface Step {
  readonly name: StepName;
  readonly state: 'running' | 'done' | 'failed';
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** What came of it: `built api; reused web`. */
  readonly note: string | null;
}
export type ServiceProgress = EventData<'deployment.progress'>['services'][number];

/** What a person sees of a deployment that goes on. */
export interface View {
  readonly about: EventData<'deployment.queued'> | null;
  readonly status: DeploymentStatus | null;
  readonly steps: readonly Step[];
  /** Of the stack that is being brought up now: the test stack, or the stack itself. */
  readonly services: readonly ServiceProgress[];
  readonly message: string | null;
  readonly reason: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export const emptyView: View = {
  about: null,
  status: null,
  steps: [],
  services: [],
  message: null,
  reason: null,
  startedAt: null,
  endedAt: null,
};

const stepOf: Partial<Record<string, StepName>> = {
  queued: 'queue',
  building: 'build',
  testing: 'test',
  deploying: 'deploy',
  verifying: 'verify',
  'rolling-back': 'roll back',
};

/** The view after one more event; an event that says nothing to it leaves it as it is. Pure: the clock is in the events. */
export function next(view: View, event: Seen): View {
  const moved = readMoved(event);
  if (moved !== null) return afterMove(view, moved, event.at);
  const progress = read(event, 'deployment.progress');
  if (progress !== null) return { ...view, services: progress.services, message: progress.message };
  return withNote(view, event);
}

function afterMove(view: View, moved: EventData<'deployment.queued'>, at: number): View {
  const { status } = moved;
  const name = stepOf[status];
  const started: View = { ...view, about: moved, status, reason: moved.reason, startedAt: view.startedAt ?? at };
  if (isFinal(status)) {
    const state =
      status === 'succeeded' || (status === 'rolled-back' && isAtStep(view, 'roll back')) ? 'done' : 'failed';
    return { ...started, steps: ended(view.steps, at, state), endedAt: at, message: null };
  }
  if (name === undefined || isAtStep(view, name)) return started;
  const state = status === 'rolling-back' ? 'failed' : 'done';
  const step: Step = { name, state: 'running', startedAt: at, endedAt: null, note: null };
  const keeps = name === 'verify';
  return {
    ...started,
    steps: [...ended(view.steps, at, state), step],
    services: keeps ? view.services : [],
    message: null,
  };
}

const isAtStep = (view: View, name: StepName): boolean => {
  const last = view.steps.at(-1);
  return last?.name === name && last.state === 'running';
};

const ended = (steps: readonly Step[], at: number, state: 'done' | 'failed'): readonly Step[] =>
  steps.map((step) => (step.state === 'running' ? { ...step, state, endedAt: at } : step));

/** Events that say what came of a step. */
function withNote(view: View, event: Seen): View {
  const built = read(event, 'build.succeeded');
  if (built !== null) return noted(view, 'build', builtText(built));
  const failed = read(event, 'build.failed');
  if (failed !== null) return noted(view, 'build', failed.service === null ? 'failed' : `${failed.service} failed`);
  const tested = read(event, 'tests.passed') ?? read(event, 'tests.failed');
  if (tested !== null) return noted(view, 'test', testText(tested));
  const planned = read(event, 'deployment.planned');
  if (planned === null || planned.attempt === 'test') return view;
  return noted(view, planned.attempt === 'back' ? 'roll back' : 'deploy', planText(planned));
}

function noted(view: View, name: StepName, note: string): View {
  const index = view.steps.findLastIndex((step) => step.name === name);
  return index < 0 ? view : { ...view, steps: view.steps.map((step, i) => (i === index ? { ...step, note } : step)) };
}

const builtText = ({ built, reused }: EventData<'build.succeeded'>): string =>
  [
    ...(built.length > 0 ? [`built ${built.join(', ')}`] : []),
    ...(reused.length > 0 ? [`reused ${reused.join(', ')}`] : []),
  ].join('; ') || 'nothing to build';

const testText = ({ totals, coverage }: EventData<'tests.passed'>): string =>
  [
    `${totals.passed} passed`,
    ...(totals.failed > 0 ? [`${totals.failed} failed`] : []),
    ...(totals.skipped > 0 ? [`${totals.skipped} skipped`] : []),
    ...(coverage === null ? [] : [`${coverage} % of lines covered`]),
  ].join(', ');

function planText({ changes, unchanged }: EventData<'deployment.planned'>): string {
  const services = changes.filter((change) => change.thing.startsWith('service/'));
  if (changes.length === 0) return `no changes, ${unchanged} unchanged`;
  const named = services.map((change) => `${change.action} ${change.thing.slice('service/'.length)}`);
  return `${named.length > 0 ? named.join(', ') : `${changes.length} changes`}; ${unchanged} unchanged`;
}

/** An event's data by its published schema; `null` for another type. */
export function read<T extends EventType>(event: Seen, type: T): EventData<T> | null {
  if (event.type !== type) return null;
  const found = eventTypes[type].safeParse(event.data);
  return found.success ? (found.data as EventData<T>) : null;
}

/** What every event of a deployment's status says. */
export function readMoved(event: Seen): EventData<'deployment.queued'> | null {
  if (!event.type.startsWith('deployment.') || event.type === 'deployment.started') return null;
  const found = eventTypes['deployment.queued'].safeParse(event.data);
  return found.success ? found.data : null;
}
