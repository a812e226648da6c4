import { SlipwayError } from '#domain/errors.ts';
import { type Deployment, getDeployment, requestCancel, setDeploymentStatus } from '#store/deployments.ts';
import type { IdempotentRequest } from '#store/idempotency.ts';
import { findRevision, latestStable, listRevisions, type Revision } from '#store/revisions.ts';
import { findStack, type Stack } from '#store/stacks.ts';
import { cancelNow } from './cancellation.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { enqueueDeployment, madeBefore } from './enqueue.ts';

/**
 * Returns a stack to a stable revision, as a deployment of its own: `to`, or the one before the newest.
 * @throws SlipwayError `not_found`, `conflict` when there is no revision to return to.
 */
export async function requestRollback(
  context: Context,
  run: RunDeployment,
  name: string,
  to: number | null,
  by: string,
  request: IdempotentRequest | null = null,
): Promise<Deployment> {
  const { store } = context;
  const before = await madeBefore(context, run, request);
  if (before) return before;
  const stack = await liveStack(context, name);
  const revision =
    to === null ? await revisionBefore(context, name) : await store.read((db) => findRevision(db, name, to));
  if (!revision)
    throw new SlipwayError(
      to === null ? 'conflict' : 'not_found',
      to === null ? `stack '${name}' has no earlier stable revision` : `stack '${name}' has no revision ${to}`,
      `see \`slipway show\` for its revisions`,
    );
  const { project, environment, cluster } = stack;
  const wanted = {
    project,
    environment,
    cluster,
    stack: name,
    commit: null,
    ref: null,
    kind: 'rollback',
    options: { revision: revision.number },
    requestedBy: by,
    release: revision.release,
  } as const;
  return enqueueDeployment(context, run, wanted, request);
}

/** The newest revision whose release is not the present one. */
async function revisionBefore(context: Context, name: string): Promise<Revision | null> {
  const present = await context.store.read((db) => latestStable(db, name));
  const all = await context.store.read((db) => listRevisions(db, name));
  return (
    all.find(
      (revision) => present !== null && revision.number < present.number && revision.release !== present.release,
    ) ?? null
  );
}

/** Removes a stack, as a deployment of its own; its volumes only with `volumes`. @throws SlipwayError `not_found`. */
export async function requestRemoval(
  context: Context,
  run: RunDeployment,
  name: string,
  volumes: boolean,
  by: string,
  request: IdempotentRequest | null = null,
): Promise<Deployment> {
  const before = await madeBefore(context, run, request);
  if (before) return before;
  const { project, environment, cluster } = await liveStack(context, name);
  const wanted = {
    project,
    environment,
    cluster,
    stack: name,
    commit: null,
    ref: null,
    kind: 'remove',
    options: { volumes },
    requestedBy: by,
  } as const;
  return enqueueDeployment(context, run, wanted, request);
}

async function liveStack(context: Context, name: string): Promise<Stack> {
  const stack = await context.store.read((db) => findStack(db, name));
  if (stack && stack.removedAt === null) return stack;
  throw new SlipwayError('not_found', `there is no stack '${name}'`, 'list them with `slipway ps`');
}

/**
 * Cancels a deployment: one that waits ends at once, one that runs stops where it is, and a stack it has begun to change
 * returns to its stable release. @throws SlipwayError `not_found`, `conflict` when it is over.
 */
export async function cancelDeployment(context: Context, id: number): Promise<Deployment> {
  const { store } = context;
  const before = await store.read((db) => getDeployment(db, id));
  const going = await store.transaction(async (tx) => {
    const asked = await requestCancel(tx, id);
    if (asked && before.startedAt === null) await setDeploymentStatus(tx, id, 'cancelled', 'cancelled before it began');
    return asked;
  });
  if (!going) throw new SlipwayError('conflict', `deployment ${id} is over: ${before.status}`);
  cancelNow(id);
  return store.read((db) => getDeployment(db, id));
}
