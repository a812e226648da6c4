import { sql } from 'kysely';
import type { StackSpec } from '#domain/stack/spec.ts';
import { releaseSpec } from './releases.ts';
import type { Key } from './sealing.ts';
import type { Db } from './tables.ts';

/**
 * The releases of a stack that something may still return to, newest first: those of its last stable revisions, and
 * those of deployments that are not over. Their configs, secrets and images are kept.
 */
export async function releasesToKeep(db: Db, stack: string, revisions = 10): Promise<readonly number[]> {
  const stable = await db
    .selectFrom('revisions')
    .select('release')
    .where('stack', '=', stack)
    .orderBy('number', 'desc')
    .limit(revisions)
    .execute();
  const open = await db
    .selectFrom('deployments')
    .select('release')
    .where('stack', '=', stack)
    .where('endedAt', 'is', null)
    .where('release', 'is not', null)
    .execute();
  const ids = [...stable, ...open].flatMap((row) => row.release ?? []);
  return [...new Set(ids)].sort((a, b) => b - a);
}

/**
 * The specifications that a prune must leave whole: of every live stack of the project (`releasesToKeep`), and of the
 * project's last releases. Source: requirement 2.3.
 */
export async function specsToKeep(
  db: Db,
  key: Key,
  project: string,
  last: { readonly revisions: number; readonly releases: number } = { revisions: 10, releases: 10 },
): Promise<readonly StackSpec[]> {
  const stacks = await db
    .selectFrom('stacks')
    .select('name')
    .where('project', '=', project)
    .where('removedAt', 'is', null)
    .execute();
  const newest = await db
    .selectFrom('releases')
    .select('id')
    .where('project', '=', project)
    .orderBy('id', 'desc')
    .limit(last.releases)
    .execute();
  const ids = new Set(newest.map((row) => row.id));
  for (const { name } of stacks) for (const id of await releasesToKeep(db, name, last.revisions)) ids.add(id);
  const specs: StackSpec[] = [];
  for (const id of [...ids].sort((a, b) => b - a)) specs.push(await releaseSpec(db, key, id));
  return specs;
}

/**
 * The commits of a project whose files may still be needed: of its last releases, of all that a live stack may return to, and of
 * every deployment of the last week.
 */
export async function commitsToKeep(db: Db, project: string): Promise<readonly string[]> {
  const recent = await db
    .selectFrom('deployments')
    .select('commit')
    .where('project', '=', project)
    .where((where) =>
      where.or([where('endedAt', 'is', null), where('createdAt', '>', sql<number>`now() - interval '7 days'`)]),
    )
    .execute();
  const stacks = await db
    .selectFrom('stacks')
    .select('name')
    .where('project', '=', project)
    .where('removedAt', 'is', null)
    .execute();
  const newest = await db
    .selectFrom('releases')
    .select('id')
    .where('project', '=', project)
    .orderBy('id', 'desc')
    .limit(10)
    .execute();
  const ids = new Set(newest.map((row) => row.id));
  for (const { name } of stacks) for (const id of await releasesToKeep(db, name)) ids.add(id);
  const released =
    ids.size === 0
      ? []
      : await db
          .selectFrom('releases')
          .select('commit')
          .where('id', 'in', [...ids])
          .execute();
  return [...new Set([...recent, ...released].flatMap((row) => row.commit ?? []))].sort();
}
