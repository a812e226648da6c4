import { type DeploymentKind, type DeploymentStatus, isFinal } from '#domain/deployment.ts';
import { SlipwayError } from '#domain/errors.ts';
import { at, json, now, storable } from './columns.ts';
import { appendEvent } from './events.ts';
import type { Page } from './page.ts';
import type { Db, Tx } from './tables.ts';

/** The act of moving a stack to a release. Times are ms since the epoch. */
export interface Deployment {
  readonly id: number;
  readonly project: string;
  readonly environment: string;
  readonly stack: string;
  readonly cluster: string;
  readonly commit: string | null;
  readonly ref: string | null;
  readonly kind: DeploymentKind;
  readonly status: DeploymentStatus;
  readonly reason: string | null;
  readonly release: number | null;
  readonly build: number | null;
  /** The stable revision that it returns to when it fails. */
  readonly previous: number | null;
  /** Absolute, so that a restart of Slipway gives no more time. */
  readonly deadlineAt: number | null;
  readonly cancelRequestedAt: number | null;
  readonly options: unknown;
  readonly requestedBy: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

export type NewDeployment = Pick<
  Deployment,
  'project' | 'environment' | 'stack' | 'cluster' | 'commit' | 'ref' | 'kind' | 'options' | 'requestedBy'
> &
  Partial<Pick<Deployment, 'release' | 'build'>>;

/** Queues a deployment, with its event. */
export async function createDeployment(tx: Tx, deployment: NewDeployment): Promise<Deployment> {
  const row = await tx
    .insertInto('deployments')
    .values({ ...deployment, status: 'queued', options: json(deployment.options) })
    .returningAll()
    .executeTakeFirstOrThrow();
  await announce(tx, row, 'deployment.queued');
  return row;
}

/** A deployment by its id. */
export async function findDeployment(db: Db, id: number): Promise<Deployment | null> {
  return (await db.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** @throws SlipwayError `not_found`. */
export async function getDeployment(db: Db, id: number): Promise<Deployment> {
  const found = await findDeployment(db, id);
  if (found) return found;
  throw new SlipwayError('not_found', `there is no deployment ${id}`, 'list them with `slipway deployments`');
}

export interface DeploymentFilter {
  readonly project?: string;
  readonly environment?: string;
  readonly stack?: string;
  readonly build?: number;
}

/** Newest first. */
export async function listDeployments(db: Db, filter: DeploymentFilter, page: Page): Promise<readonly Deployment[]> {
  let query = db.selectFrom('deployments').selectAll().orderBy('id', 'desc').limit(page.limit);
  if (filter.project !== undefined) query = query.where('project', '=', filter.project);
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
  if (filter.stack !== undefined) query = query.where('stack', '=', filter.stack);
  if (filter.build !== undefined) query = query.where('build', '=', filter.build);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return query.execute();
}

/** Those that are not over, oldest first: what a server that starts looks at. */
export async function openDeployments(db: Db): Promise<readonly Deployment[]> {
  return db.selectFrom('deployments').selectAll().where('endedAt', 'is', null).orderBy('id').execute();
}

/**
 * The newest deployment of a stack that was not cancelled or superseded: an older one must not go on past it.
 * `null`: there is none.
 */
export async function newestDeployment(db: Db, stack: string): Promise<Deployment | null> {
  const row = await db
    .selectFrom('deployments')
    .selectAll()
    .where('stack', '=', stack)
    .where('status', 'not in', ['cancelled', 'superseded'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Takes a deployment out of the queue, with the event `deployment.started`. One that was taken before and is not over
 * comes back as it is (its worker died). `null`: it is over, e.g. cancelled or superseded while it waited.
 */
export async function claimDeployment(tx: Tx, id: number): Promise<Deployment | null> {
  const row = await locked(tx, id);
  if (isFinal(row.status)) return null;
  if (row.startedAt !== null) return row;
  const started = await tx
    .updateTable('deployments')
    .set({ startedAt: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await announce(tx, started, 'deployment.started');
  return started;
}

/**
 * Ends as superseded every deployment of the stack that is older than `id` and still in one of the given states.
 * @returns their ids.
 */
export async function supersedeOlder(
  tx: Tx,
  stack: string,
  id: number,
  states: readonly DeploymentStatus[] = ['queued'],
): Promise<readonly number[]> {
  const rows = await tx
    .selectFrom('deployments')
    .select(['id', 'startedAt'])
    .where('stack', '=', stack)
    .where('id', '<', id)
    .where('status', 'in', [...states])
    .orderBy('id')
    .forUpdate()
    .execute();
  // 'queued' with a start time is in a worker's hands already: it may be told to stop, never pulled away.
  const waiting = rows.filter((row) => row.startedAt === null || !states.every((state) => state === 'queued'));
  for (const row of waiting) await setDeploymentStatus(tx, row.id, 'superseded', `deployment ${id} is newer`);
  return waiting.map((row) => row.id);
}

/**
 * Moves a deployment on, with its event in the same transaction. What is over stays as it ended, and the same status
 * again does nothing, so that a step may run twice.
 * @returns whether this call moved it.
 */
export async function setDeploymentStatus(
  tx: Tx,
  id: number,
  status: DeploymentStatus,
  reason: string | null = null,
): Promise<boolean> {
  const row = await locked(tx, id);
  if (isFinal(row.status) || row.status === status) return false;
  const moved = await tx
    .updateTable('deployments')
    .set({
      status,
      // Why it rolls back is also why it was rolled back.
      reason: reason === null ? row.reason : storable(reason),
      ...(isFinal(status) ? { endedAt: now } : {}),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await announce(tx, moved, `deployment.${status}`);
  return true;
}

/** Records that somebody wants a deployment stopped. @returns whether it was still going on. */
export async function requestCancel(tx: Tx, id: number): Promise<boolean> {
  const row = await locked(tx, id);
  if (isFinal(row.status)) return false;
  await tx.updateTable('deployments').set({ cancelRequestedAt: now }).where('id', '=', id).execute();
  return true;
}

/** Whether somebody asked to cancel it. */
export async function cancelRequested(db: Db, id: number): Promise<boolean> {
  const row = await db.selectFrom('deployments').select('cancelRequestedAt').where('id', '=', id).executeTakeFirst();
  return row !== undefined && row.cancelRequestedAt !== null;
}

/** Sets facts of a deployment that no event tells. */
export async function updateDeployment(
  db: Db,
  id: number,
  facts: Partial<Pick<Deployment, 'commit' | 'release' | 'build' | 'previous' | 'deadlineAt'>>,
): Promise<void> {
  const { deadlineAt, ...rest } = facts;
  const deadline = deadlineAt === undefined ? {} : { deadlineAt: deadlineAt === null ? null : at(deadlineAt) };
  const values = { ...rest, ...deadline };
  if (Object.keys(values).length === 0) return;
  await db.updateTable('deployments').set(values).where('id', '=', id).execute();
}

/**
 * Sets the deadline once, and gives the one that holds: after a restart the first one, never a later one.
 * @param deadlineAt ms since the epoch.
 */
export async function setDeadlineOnce(db: Db, id: number, deadlineAt: number): Promise<number> {
  await db
    .updateTable('deployments')
    .set({ deadlineAt: at(deadlineAt) })
    .where('id', '=', id)
    .where('deadlineAt', 'is', null)
    .execute();
  return (await getDeployment(db, id)).deadlineAt ?? deadlineAt;
}

async function locked(tx: Tx, id: number): Promise<Deployment> {
  const row = await tx.selectFrom('deployments').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row) return row;
  throw new SlipwayError('not_found', `there is no deployment ${id}`, 'list them with `slipway deployments`');
}

/** What every event of a deployment says of it. */
export function eventSubject(row: Deployment) {
  const { id: deployment, project, environment, stack, cluster, commit, ref } = row;
  return { deployment, project, environment, stack, cluster, commit, ref };
}

/** Where every event of a deployment comes from, and what it is about. */
export const eventOf = ({ id, stack, project }: Deployment) => ({
  source: `/deployments/${id}`,
  subject: stack,
  project,
  deployment: id,
});

async function announce(
  tx: Tx,
  row: Deployment,
  type: `deployment.${DeploymentStatus}` | 'deployment.started',
): Promise<void> {
  const { kind, status, reason, requestedBy, release } = row;
  await appendEvent(tx, {
    ...eventOf(row),
    type,
    data: { ...eventSubject(row), kind, status, reason, requestedBy, release },
  });
}
