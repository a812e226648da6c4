import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Secret } from '#domain/secret.ts';
import { now } from './columns.ts';
import type { Db } from './tables.ts';

/** A token of the API. Only its hash is kept: tokens are 256 random bits, so one round of SHA-256 is enough. */
export interface Token {
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

const hashOf = (token: Secret): string => createHash('sha256').update(token.reveal()).digest('hex');

/** Keeps a token by its hash; the token itself is in no table. */
export async function addToken(db: Db, token: Secret, name: string): Promise<void> {
  await db
    .insertInto('tokens')
    .values({ hash: hashOf(token), name })
    .onConflict((conflict) => conflict.column('hash').doUpdateSet({ name }))
    .execute();
}

/** The token's row, or `null` where nobody made it. Its use is noted once a minute at most: a read must not always write. */
export async function useToken(db: Db, token: Secret): Promise<Token | null> {
  const hash = hashOf(token);
  const row = await db
    .selectFrom('tokens')
    .select(['name', 'createdAt', 'lastUsedAt', sql<boolean>`last_used_at > now() - interval '1 minute'`.as('fresh')])
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (!row) return null;
  const { fresh, ...token_ } = row;
  if (!fresh) await db.updateTable('tokens').set({ lastUsedAt: now }).where('hash', '=', hash).execute();
  return token_;
}

/** All tokens by what is known of them: name and times. */
export async function listTokens(db: Db): Promise<readonly Token[]> {
  return db.selectFrom('tokens').select(['name', 'createdAt', 'lastUsedAt']).orderBy('createdAt').execute();
}

/** @returns how many there were. */
export async function removeTokens(db: Db, name: string): Promise<number> {
  return Number((await db.deleteFrom('tokens').where('name', '=', name).executeTakeFirst()).numDeletedRows);
}
