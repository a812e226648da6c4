import { SlipwayError } from '#domain/errors.ts';
import { Secret } from '#domain/secret.ts';
import { json } from './columns.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db } from './tables.ts';

export interface Cluster {
  readonly name: string;
  readonly engine: 'local' | 'swarm';
  /** What the engine's adapter needs to reach it, without secrets. */
  readonly settings: unknown;
  /** What it needs and nobody may read: a client key, a password. */
  readonly credential: Secret | null;
  readonly createdAt: number;
}

const place = (name: string) => ['clusters', name];

/** Makes a cluster, or changes the one of that name. */
export async function saveCluster(db: Db, key: Key, cluster: Omit<Cluster, 'createdAt'>): Promise<void> {
  const { name, engine } = cluster;
  const settings = json(cluster.settings);
  const sealed = cluster.credential === null ? null : seal(key, place(name), cluster.credential.reveal());
  await db
    .insertInto('clusters')
    .values({ name, engine, settings, sealed })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ engine, settings, sealed }))
    .execute();
}

/** All clusters by name. */
export async function listClusters(db: Db, key: Key): Promise<readonly Cluster[]> {
  const rows = await db.selectFrom('clusters').selectAll().orderBy('name').execute();
  return rows.map(({ sealed, ...row }) => ({
    ...row,
    credential: sealed === null ? null : new Secret(unseal(key, place(row.name), sealed)),
  }));
}

/** A cluster by its name. */
export async function findCluster(db: Db, key: Key, name: string): Promise<Cluster | null> {
  return (await listClusters(db, key)).find((cluster) => cluster.name === name) ?? null;
}

/** @throws SlipwayError `conflict` while a stack runs there. */
export async function removeCluster(db: Db, name: string): Promise<void> {
  const stack = await db
    .selectFrom('stacks')
    .select('name')
    .where('cluster', '=', name)
    .where('removedAt', 'is', null)
    .executeTakeFirst();
  if (stack)
    throw new SlipwayError('conflict', `cluster '${name}' still runs the stack '${stack.name}'`, 'remove it first');
  await db.deleteFrom('clusters').where('name', '=', name).execute();
}
