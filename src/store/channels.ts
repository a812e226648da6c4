import { Secret } from '#domain/secret.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db } from './tables.ts';

/** Where notices go. The URL of a webhook is its credential. */
export interface ChannelSettings {
  readonly name: string;
  readonly kind: string;
  readonly url: Secret;
}

const place = (name: string) => ['channels', name];

/** Makes or changes a channel; its URL is sealed. */
export async function saveChannel(db: Db, key: Key, channel: ChannelSettings): Promise<void> {
  const { name, kind } = channel;
  const url = seal(key, place(name), channel.url.reveal());
  await db
    .insertInto('channels')
    .values({ name, kind, url })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ kind, url }))
    .execute();
}

/** All channels by name. */
export async function listChannels(db: Db, key: Key): Promise<readonly ChannelSettings[]> {
  const rows = await db.selectFrom('channels').selectAll().orderBy('name').execute();
  return rows.map((row) => ({ ...row, url: new Secret(unseal(key, place(row.name), row.url)) }));
}

/** A channel by its name. */
export async function findChannel(db: Db, key: Key, name: string): Promise<ChannelSettings | null> {
  const row = await db.selectFrom('channels').selectAll().where('name', '=', name).executeTakeFirst();
  return row ? { ...row, url: new Secret(unseal(key, place(row.name), row.url)) } : null;
}

/** @returns whether there was one. */
export async function removeChannel(db: Db, name: string): Promise<boolean> {
  return (await db.deleteFrom('channels').where('name', '=', name).executeTakeFirst()).numDeletedRows > 0n;
}
