import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Attempt } from '#domain/deployment.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { type Change, type Json, thingId } from '#domain/plan/change.ts';
import { thingsOf } from '#domain/plan/things.ts';
import { mask, maskDeep } from '#domain/secret.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { attemptOf } from '#store/attempts.ts';
import { recordIntent, recordOutcome } from '#store/changes.ts';
import { cancelSignal } from './cancellation.ts';
import { type Context, secretsOf } from './context.ts';
import { failpoint } from './failpoint.ts';
import { mayPass, type Outcome } from './outcome.ts';
import { untilDeadline } from './patience.ts';
import { step } from './runtime.ts';

/** One change to make: a plain value without secrets, since the library keeps it as it is. */
export interface ApplyOrder {
  readonly deployment: number;
  readonly attempt: Attempt;
  readonly cluster: string;
  /** `service/web` */
  readonly thing: string;
}

const dayMs = 86_400_000;

export type ApplyChange = (order: ApplyOrder) => Promise<Outcome<null>>;

/**
 * Registers the workflow that makes one change: intent, act, outcome. It is a child of its deployment with a fixed id, so
 * that changes side by side are each made once, whatever was in flight when the server died.
 */
export function defineApply(context: Context): ApplyChange {
  const run = async (order: ApplyOrder): Promise<Outcome<null>> =>
    step(`${order.attempt} ${order.thing}`, (signal) => applyOnce(context, order, signal), {
      signal: order.attempt === 'back' ? undefined : cancelSignal(order.deployment),
      timeoutMs: dayMs,
    });
  return DBOS.registerWorkflow(run, { name: 'apply' });
}

async function applyOnce(context: Context, order: ApplyOrder, signal: AbortSignal): Promise<null> {
  const { store } = context;
  const { deployment, attempt } = order;
  const row = await store.read((db) => attemptOf(db, store.key, deployment, attempt));
  const change = row?.plan?.changes.find((item) => thingId(item) === order.thing);
  if (!row || !change)
    throw new SlipwayError('internal', `deployment ${deployment} has no planned change of ${order.thing}`);
  const secrets = await secretsOf(context, row.spec.project);
  const intent = await store.transaction((tx) =>
    recordIntent(tx, store.key, { deployment, attempt, change }, maskDeep(change.fields, secrets)),
  );
  if (intent.status === 'done') return null;
  failpoint(`${attempt} ${order.thing}:intended`);
  const at = { deployment, attempt, change, stack: row.spec.name };
  try {
    const act = async () => (await context.cluster(order.cluster)).engine.apply(row.spec, change, signal);
    const native = await untilDeadline(row.deadlineAt ?? 0, signal, act);
    failpoint(`${attempt} ${order.thing}:acted`);
    const wrote = change.action === 'remove' ? null : { spec: specOf(row.spec, change, context.versionKey), native };
    await store.transaction((tx) => recordOutcome(tx, store.key, at, { status: 'done', wrote }));
  } catch (thrown) {
    if (mayPass(thrown) && !signal.aborted) throw thrown;
    await store.transaction((tx) =>
      recordOutcome(tx, store.key, at, { status: 'failed', message: mask(messageOf(thrown), secrets) }),
    );
    throw thrown;
  }
  return null;
}

function specOf(spec: StackSpec, change: Change, versionKey: Uint8Array): Json {
  return thingsOf(spec, versionKey).find((thing) => thingId(thing) === thingId(change))?.spec ?? null;
}
