import { eventOf, eventSubject, getDeployment } from './deployments.ts';
import { appendEvent } from './events.ts';
import type { Db, Tx } from './tables.ts';

/** A release that a stack ran well for its stability window: what a rollback returns to. */
export interface Revision {
  readonly stack: string;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly deployment: number;
  readonly release: number;
  readonly stableAt: number;
}

/** Adds the next stable revision of a stack, with its event. The same deployment again gives the same number. */
export async function markStable(
  tx: Tx,
  revision: Pick<Revision, 'stack' | 'deployment' | 'release'>,
): Promise<Revision> {
  const { stack, deployment, release } = revision;
  // The stack's row is the lock under which numbers are given out.
  await tx.selectFrom('stacks').select('name').where('name', '=', stack).forUpdate().executeTakeFirst();
  const found = await tx
    .selectFrom('revisions')
    .selectAll()
    .where('stack', '=', stack)
    .where('deployment', '=', deployment)
    .executeTakeFirst();
  if (found) return found;
  const last = await tx
    .selectFrom('revisions')
    .select((e) => e.fn.max('number').as('number'))
    .where('stack', '=', stack)
    .executeTakeFirst();
  const number = (last?.number ?? 0) + 1;
  const row = await tx
    .insertInto('revisions')
    .values({ ...revision, number })
    .returningAll()
    .executeTakeFirstOrThrow();
  await tx.updateTable('stacks').set({ stableRevision: number }).where('name', '=', stack).execute();
  const about = await getDeployment(tx, deployment);
  await appendEvent(tx, {
    ...eventOf(about),
    type: 'stack.stable',
    data: { ...eventSubject(about), revision: number, release },
  });
  return row;
}

/** The stack's newest stable revision; `null` when it has none since it was made. */
export async function latestStable(db: Db, stack: string): Promise<Revision | null> {
  const row = await db
    .selectFrom('revisions')
    .innerJoin('stacks', 'stacks.name', 'revisions.stack')
    .selectAll('revisions')
    .where('revisions.stack', '=', stack)
    .whereRef('revisions.number', '=', 'stacks.stableRevision')
    .executeTakeFirst();
  return row ?? null;
}

/** A stable revision of a stack by its number. */
export async function findRevision(db: Db, stack: string, number: number): Promise<Revision | null> {
  const row = await db
    .selectFrom('revisions')
    .selectAll()
    .where('stack', '=', stack)
    .where('number', '=', number)
    .executeTakeFirst();
  return row ?? null;
}

/** The stable revision that a deployment made; `null`: none, also where it changed nothing. */
export async function revisionMadeBy(db: Db, deployment: number): Promise<Revision | null> {
  const row = await db.selectFrom('revisions').selectAll().where('deployment', '=', deployment).executeTakeFirst();
  return row ?? null;
}

/** A stack's stable revisions, newest first. */
export async function listRevisions(db: Db, stack: string, limit = 100): Promise<readonly Revision[]> {
  return db
    .selectFrom('revisions')
    .selectAll()
    .where('stack', '=', stack)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
}
