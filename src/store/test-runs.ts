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

/** Runs that nobody ended: after a crash their stacks are to be removed. */
export async function openTestRuns(db: Db): Promise<readonly TestRun[]> {
  return db.selectFrom('testRuns').selectAll().where('status', '=', 'running').orderBy('id').execute();
}
