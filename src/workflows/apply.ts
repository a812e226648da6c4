import type { Attempt } from '#domain/deployment.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { type Change, type Json, thingId } from '#domain/plan/change.ts';
import { thingsOf } from '#domain/plan/things.ts';
import { mask, maskDeep } from '#domain/secret.ts';
import { type AttemptRow, attemptOf } from '#store/attempts.ts';
import { recordIntents, recordOutcome } from '#store/changes.ts';
import { cancelSignal } from './cancellation.ts';
import { type Context, secretsOf } from './context.ts';
import { failpoint } from './failpoint.ts';
import { mayPass, type Outcome } from './outcome.ts';
import { untilDeadline } from './patience.ts';
import { step } from './runtime.ts';
import { failuresOf, sideBySide } from './side-by-side.ts';

/** Changes that are made without waiting for anything to be healthy between them. */
export interface Leg {
  readonly deployment: number;
  readonly attempt: Attempt;
  readonly cluster: string;
  readonly index: number;
  /** `service/web`: in waves one behind the other, none of a wave waits for another of it. */
  readonly waves: readonly (readonly string[])[];
}

/** What all changes of an attempt are made with: read once, since none of it changes any more. */
interface Target extends Leg {
  readonly row: AttemptRow;
  readonly specs: ReadonlyMap<string, Json>;
  readonly secrets: readonly string[];
}

const dayMs = 86_400_000;
/** Enough to keep an engine busy, and no more than the database's connections serve at once. */
const together = 32;

/**
 * Makes the changes of a leg, those of a wave side by side: their intents, then of each the act and its outcome. All in one step,
 * which runs again after a crash: a change that is recorded as done is left, and one that was in flight looks before it acts. (A
 * step for each would have to be a child workflow: with them 20 services took 2 to 3 times as long. Measured.)
 */
export function applyLeg(context: Context, leg: Leg): Promise<Outcome<null>> {
  return step(`${leg.attempt} leg ${leg.index}`, (signal) => applyAll(context, leg, signal), {
    signal: leg.attempt === 'back' ? undefined : cancelSignal(leg.deployment),
    timeoutMs: dayMs,
  });
}

async function applyAll(context: Context, leg: Leg, signal: AbortSignal): Promise<null> {
  const target = await targetOf(context, leg);
  for (const [index, things] of leg.waves.entries()) {
    failpoint(`${leg.attempt} wave ${leg.index}.${index}`);
    await applyWave(context, target, things, signal);
  }
  return null;
}

async function applyWave(
  context: Context,
  target: Target,
  things: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const meant = await intended(context, target, things);
  const ended = await sideBySide(meant, together, (change) => applyOnce(context, target, change, signal));
  const failures = failuresOf(ended);
  if (failures.length === 0) return;
  // what may pass is tried again with the whole step; beside what will not, it need not be
  throw failures.find((thrown) => !mayPass(thrown)) ?? failures[0];
}

/** A wave's changes with their intents written down. Those that are done, before a crash, are left out. */
async function intended({ store }: Context, target: Target, things: readonly string[]): Promise<readonly Change[]> {
  const { deployment, attempt, row, secrets } = target;
  const changes = things.map((thing) => {
    failpoint(`${attempt} ${thing}:before`);
    const change = row.plan?.changes.find((item) => thingId(item) === thing);
    if (!change) throw new SlipwayError('internal', `deployment ${deployment} has no planned change of ${thing}`);
    return change;
  });
  const intents = changes.map((change) => ({ change, masked: maskDeep(change.fields, secrets) }));
  const records = await store.transaction((tx) => recordIntents(tx, store.key, { deployment, attempt }, intents));
  return changes.filter((change) => records.get(thingId(change))?.status !== 'done');
}

async function targetOf(context: Context, leg: Leg): Promise<Target> {
  const { store } = context;
  const row = await store.read((db) => attemptOf(db, store.key, leg.deployment, leg.attempt));
  if (!row) throw new SlipwayError('internal', `deployment ${leg.deployment} has no target`);
  const specs = new Map(thingsOf(row.spec, context.versionKey).map((thing) => [thingId(thing), thing.spec]));
  return { ...leg, row, specs, secrets: await secretsOf(context, row.spec.project) };
}

async function applyOnce(context: Context, target: Target, change: Change, signal: AbortSignal): Promise<void> {
  const { store } = context;
  const { deployment, attempt, row, secrets } = target;
  const thing = thingId(change);
  failpoint(`${attempt} ${thing}:intended`);
  const at = { deployment, attempt, change, stack: row.spec.name };
  try {
    const act = async () => (await context.cluster(target.cluster)).engine.apply(row.spec, change, signal);
    const native = await untilDeadline(row.deadlineAt ?? 0, signal, act);
    failpoint(`${attempt} ${thing}:acted`);
    const wrote = change.action === 'remove' ? null : { spec: target.specs.get(thing) ?? null, native };
    await store.transaction((tx) => recordOutcome(tx, store.key, at, { status: 'done', wrote }));
  } catch (thrown) {
    if (mayPass(thrown) && !signal.aborted) throw thrown;
    await store.transaction((tx) =>
      recordOutcome(tx, store.key, at, { status: 'failed', message: mask(messageOf(thrown), secrets) }),
    );
    throw thrown;
  }
  failpoint(`${attempt} ${thing}:after`);
}
