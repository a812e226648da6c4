import { Secret } from '#domain/secret.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db } from './tables.ts';

/** The credential of a container registry, by host (`registry.example.com:5000`). */
export interface Registry {
  readonly host: string;
  readonly username: string;
  readonly password: Secret;
}

const place = (host: string) => ['registries', host];

/** Makes or changes the credentials of a registry; the password is sealed. */
export async function saveRegistry(db: Db, key: Key, registry: Registry): Promise<void> {
  const { host, username } = registry;
  const password = seal(key, place(host), registry.password.reveal());
  await db
    .insertInto('registries')
    .values({ host, username, password })
    .onConflict((conflict) => conflict.column('host').doUpdateSet({ username, password }))
    .execute();
}

/** All registries with their credentials, by host. */
export async function listRegistries(db: Db, key: Key): Promise<readonly Registry[]> {
  const rows = await db.selectFrom('registries').selectAll().orderBy('host').execute();
  return rows.map((row) => ({ ...row, password: new Secret(unseal(key, place(row.host), row.password)) }));
}

/** @returns whether there was one. */
export async function removeRegistry(db: Db, host: string): Promise<boolean> {
  return (await db.deleteFrom('registries').where('host', '=', host).executeTakeFirst()).numDeletedRows > 0n;
}
