import { sql } from 'kysely';
import { at, now, storable } from './columns.ts';
import { appendEvent } from './events.ts';
import type { Page } from './page.ts';
import type { Db, Tx } from './tables.ts';

export type BuildStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** One commit's artifacts being made. A project has one build a commit. */
export interface Build {
  readonly id: number;
  readonly project: string;
  readonly commit: string;
  readonly ref: string | null;
  /** The commit's first line. */
  readonly message: string | null;
  readonly status: BuildStatus;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/**
 * Starts the build of a commit, or gives the one that there is. One that failed or was cancelled starts over under the
 * same id. `started` is false where it runs or has succeeded already: then this caller has nothing to announce.
 */
export async function startBuild(
  tx: Tx,
  build: Pick<Build, 'project' | 'commit' | 'ref' | 'message'>,
): Promise<{ readonly build: Build; readonly started: boolean }> {
  const row = await tx
    .insertInto('builds')
    .values({ ...build, status: 'running', startedAt: now })
    .onConflict((conflict) =>
      conflict
        .columns(['project', 'commit'])
        .doUpdateSet({ status: 'running', reason: null, startedAt: now, endedAt: null })
        .where('builds.status', 'in', ['failed', 'cancelled']),
    )
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return { build: await buildOf(tx, build.project, build.commit), started: false };
  await tx.deleteFrom('buildLogs').where('build', '=', row.id).execute();
  await appendEvent(tx, {
    type: 'build.started',
    source: `/builds/${row.id}`,
    subject: row.project,
    project: row.project,
    deployment: null,
    data: { project: row.project, build: row.id, commit: row.commit, ref: row.ref, message: row.message },
  });
  return { build: row, started: true };
}

async function buildOf(db: Db, project: string, commit: string): Promise<Build> {
  return db
    .selectFrom('builds')
    .selectAll()
    .where('project', '=', project)
    .where('commit', '=', commit)
    .executeTakeFirstOrThrow();
}

/** How a build ended, as its event tells it. */
export type BuildEnd =
  | { readonly status: 'succeeded'; readonly built: readonly string[]; readonly reused: readonly string[] }
  | { readonly status: 'failed'; readonly service: string | null; readonly reason: string }
  | { readonly status: 'cancelled'; readonly reason: string };

/** Ends a running build with its event. A second time does nothing. @returns whether this call ended it. */
export async function endBuild(tx: Tx, id: number, end: BuildEnd): Promise<boolean> {
  const reason = end.status === 'succeeded' ? null : storable(end.reason);
  const row = await tx
    .updateTable('builds')
    .set({ status: end.status, reason, endedAt: now })
    .where('id', '=', id)
    .where('status', '=', 'running')
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return false;
  const about = { source: `/builds/${id}`, subject: row.project, project: row.project, deployment: null };
  const build = { project: row.project, build: id, commit: row.commit };
  if (end.status === 'succeeded') {
    const durationMs = (row.endedAt ?? 0) - (row.startedAt ?? 0);
    const data = { ...build, built: [...end.built], reused: [...end.reused], durationMs };
    await appendEvent(tx, { ...about, type: 'build.succeeded', data });
  } else if (end.status === 'failed')
    await appendEvent(tx, {
      ...about,
      type: 'build.failed',
      data: { ...build, service: end.service, reason: end.reason },
    });
  else await appendEvent(tx, { ...about, type: 'build.cancelled', data: { ...build, reason: end.reason } });
  return true;
}

/** A build by its id. */
export async function findBuild(db: Db, id: number): Promise<Build | null> {
  return (await db.selectFrom('builds').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Newest first. */
export async function listBuilds(db: Db, project: string | null, page: Page): Promise<readonly Build[]> {
  let query = db.selectFrom('builds').selectAll().orderBy('id', 'desc').limit(page.limit);
  if (project !== null) query = query.where('project', '=', project);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return query.execute();
}

export interface BuildLogLine {
  readonly seq: number;
  readonly service: string;
  /** ms since the epoch */
  readonly at: number;
  readonly text: string;
}

/** Keeps lines of a build's output, in the given order. */
export async function appendBuildLog(
  db: Db,
  build: number,
  lines: readonly Omit<BuildLogLine, 'seq'>[],
): Promise<void> {
  if (lines.length === 0) return;
  await db
    .insertInto('buildLogs')
    .values(lines.map((line) => ({ build, service: line.service, at: at(line.at), text: storable(line.text) })))
    .execute();
}

/** A build's output after `seq`, oldest first, at most `limit` lines (1,000). */
export async function buildLog(db: Db, build: number, after = 0, limit = 1_000): Promise<readonly BuildLogLine[]> {
  return db
    .selectFrom('buildLogs')
    .select(['seq', 'service', 'at', 'text'])
    .where('build', '=', build)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** The last lines of a service's build, oldest first: what a failure shows. */
export async function lastBuildLines(db: Db, build: number, service: string, limit = 20): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('buildLogs')
    .select('text')
    .where('build', '=', build)
    .where('service', '=', service)
    .orderBy(sql`seq`, 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.text).reverse();
}
