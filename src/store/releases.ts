import { SlipwayError } from '#domain/errors.ts';
import { hashOf } from '#domain/stack/hash.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { appendEvent } from './events.ts';
import type { Page } from './page.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db, Tx } from './tables.ts';

/** A commit with its artifacts and its resolved specification, never changed. The specification is sealed: it holds secrets. */
export interface Release {
  readonly id: number;
  readonly project: string;
  readonly commit: string;
  readonly build: number | null;
  readonly specHash: string;
  readonly createdAt: number;
}

const place = (project: string, specHash: string) => ['releases', project, specHash];
const columns = ['id', 'project', 'commit', 'build', 'specHash', 'createdAt'] as const;

/** Makes a release with its event; gives the one of the same build, commit and specification where there is one. */
export async function createRelease(
  tx: Tx,
  key: Key,
  release: { readonly commit: string; readonly build: number | null; readonly spec: StackSpec },
): Promise<Release> {
  const { commit, build, spec } = release;
  const specHash = hashOf(spec);
  const found = await tx
    .selectFrom('releases')
    .select(columns)
    .where('project', '=', spec.project)
    .where('commit', '=', commit)
    .where('specHash', '=', specHash)
    .where('build', build === null ? 'is' : '=', build)
    .executeTakeFirst();
  if (found) return found;
  const row = await tx
    .insertInto('releases')
    .values({
      project: spec.project,
      commit,
      build,
      specHash,
      spec: seal(key, place(spec.project, specHash), JSON.stringify(spec)),
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
  await appendEvent(tx, {
    type: 'release.created',
    source: `/releases/${row.id}`,
    subject: row.project,
    project: row.project,
    deployment: null,
    data: { project: row.project, release: row.id, commit, build },
  });
  return row;
}

/** A release by its id. */
export async function findRelease(db: Db, id: number): Promise<Release | null> {
  return (await db.selectFrom('releases').select(columns).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Newest first. */
export async function listReleases(db: Db, project: string, page: Page): Promise<readonly Release[]> {
  let query = db.selectFrom('releases').select(columns).where('project', '=', project);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return query.orderBy('id', 'desc').limit(page.limit).execute();
}

/**
 * The specification of a release, secrets and all.
 * @throws SlipwayError `not_found`, `secret.wrong_key`, `data.damaged`.
 */
export async function releaseSpec(db: Db, key: Key, id: number): Promise<StackSpec> {
  const row = await db
    .selectFrom('releases')
    .select(['project', 'specHash', 'spec'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new SlipwayError('not_found', `there is no release ${id}`, 'list them with `slipway deployments`');
  return JSON.parse(unseal(key, place(row.project, row.specHash), row.spec)) as StackSpec;
}
