import { json, now } from './columns.ts';
import type { Db } from './tables.ts';

/** One go of a build's tests, in a stack of its own. */
export interface TestRun {
  readonly id: number;
  readonly build: number;
  readonly stack: string;
  readonly status: 'running' | 'passed' | 'failed' | 'cancelled';
  /** The merged report; `null` until there is one. */
  readonly report: unknown;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** Starts a run, or gives the one that runs for that build in that stack. */
export async function startTestRun(db: Db, run: Pick<TestRun, 'build' | 'stack'>): Promise<TestRun> {
  const open = await db
    .selectFrom('testRuns')
    .selectAll()
    .where('build', '=', run.build)
    .where('stack', '=', run.stack)
    .where('status', '=', 'running')
    .executeTakeFirst();
  if (open) return open;
  return db
    .insertInto('testRuns')
    .values({ ...run, status: 'running' })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Ends a running one; a second time does nothing. @returns whether this call ended it. */
export async function endTestRun(
  db: Db,
  id: number,
  status: 'passed' | 'failed' | 'cancelled',
  report: unknown,
): Promise<boolean> {
  const result = await db
    .updateTable('testRuns')
    .set({ status, report: report === null ? null : json(report), endedAt: now })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A build's runs, newest first. */
export async function testRunsOf(db: Db, build: number): Promise<readonly TestRun[]> {
  return db.selectFrom('testRuns').selectAll().where('build', '=', build).orderBy('id', 'desc').execute();
}

/** Test stacks that are still to be removed, though their deployments are over. */
export async function leftTestStacks(
  db: Db,
): Promise<readonly { readonly deployment: number; readonly build: number; readonly cluster: string }[]> {
  const rows = await db
    .selectFrom('attempts')
    .innerJoin('deployments', 'deployments.id', 'attempts.deployment')
    .select(['deployments.id as deployment', 'deployments.build', 'deployments.cluster'])
    .where('attempts.attempt', '=', 'test')
    .where('deployments.endedAt', 'is not', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('events')
            .select('events.seq')
            .whereRef('events.deployment', '=', 'deployments.id')
            .where('events.type', '=', 'tests.removed'),
        ),
      ),
    )
    .orderBy('deployments.id')
    .execute();
  return rows.map(({ deployment, build, cluster }) => ({ deployment, cluster, build: build ?? 0 }));
}
