import { now } from './columns.ts';
import type { Db, Tx } from './tables.ts';

export interface Project {
  readonly name: string;
  /** Where commits are fetched from; `null`: they are pushed to Slipway's own remote. */
  readonly sourceUrl: string | null;
  readonly createdAt: number;
}

/** Makes a project, or sets the source of one that is there. */
export async function saveProject(db: Db, project: Pick<Project, 'name' | 'sourceUrl'>): Promise<Project> {
  return db
    .insertInto('projects')
    .values(project)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ sourceUrl: project.sourceUrl }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Makes a project where there is none; what is there stays as it is. */
export async function ensureProject(db: Db, name: string): Promise<void> {
  await db
    .insertInto('projects')
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A project by its name. */
export async function findProject(db: Db, name: string): Promise<Project | null> {
  return (await db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()) ?? null;
}

/** All projects by name. */
export async function listProjects(db: Db): Promise<readonly Project[]> {
  return db.selectFrom('projects').selectAll().orderBy('name').execute();
}

export interface Ref {
  readonly project: string;
  /** In full, `refs/heads/main`. */
  readonly name: string;
  readonly commit: string;
  readonly seenAt: number;
}

/** Lets others that would note refs of the project wait for the end of this transaction. */
export async function lockProject(tx: Tx, name: string): Promise<void> {
  await tx.selectFrom('projects').select('name').where('name', '=', name).forUpdate().execute();
}

/** Notes where a ref points. @returns the commit it pointed to before, `null` when it is new. */
export async function recordRef(
  db: Db,
  ref: Pick<Ref, 'project' | 'name' | 'commit'>,
): Promise<{ readonly before: string | null }> {
  const old = await db
    .selectFrom('refs')
    .select('commit')
    .where('project', '=', ref.project)
    .where('name', '=', ref.name)
    .forUpdate()
    .executeTakeFirst();
  await db
    .insertInto('refs')
    .values(ref)
    .onConflict((conflict) => conflict.columns(['project', 'name']).doUpdateSet({ commit: ref.commit, seenAt: now }))
    .execute();
  return { before: old?.commit ?? null };
}

/** Forgets a ref that was deleted. */
export async function removeRef(db: Db, project: string, name: string): Promise<void> {
  await db.deleteFrom('refs').where('project', '=', project).where('name', '=', name).execute();
}

/** The refs as last seen: compared with the repository at start-up, so that no push is lost to a crash. */
export async function listRefs(db: Db, project: string): Promise<readonly Ref[]> {
  return db.selectFrom('refs').selectAll().where('project', '=', project).orderBy('name').execute();
}
