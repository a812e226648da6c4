import { sql } from 'kysely';
import { SlipwayError } from '#domain/errors.ts';
import { json } from './columns.ts';
import type { Db, Tx } from './tables.ts';

/** A request that must act once: its key, the route it went to, and a hash of what it asked. */
export interface IdempotentRequest {
  readonly key: string;
  readonly route: string;
  readonly bodyHash: string;
}

export interface KeptResponse {
  readonly status: number;
  readonly response: unknown;
}

/**
 * Does the work of a request once, and keeps its answer in the same transaction: the same key again gives the answer
 * of the first time. Requests with one key wait for one another.
 * @throws SlipwayError `idempotency.mismatch` when the key was used for something else; what `work` throws keeps nothing.
 */
export async function once(
  tx: Tx,
  request: IdempotentRequest,
  work: () => Promise<KeptResponse>,
): Promise<KeptResponse & { readonly replayed: boolean }> {
  const { key, route, bodyHash } = request;
  // The insert waits for another transaction with the same key, then finds its row.
  const mine = await tx
    .insertInto('idempotencyKeys')
    .values({ key, route, bodyHash })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (!mine) return replay(tx, request);
  const kept = await work();
  await tx
    .updateTable('idempotencyKeys')
    .set({ status: kept.status, response: json(kept.response) })
    .where('key', '=', key)
    .execute();
  return { ...kept, replayed: false };
}

/** The answer that a request got before; `null` when it is new. @throws SlipwayError `idempotency.mismatch` */
export async function keptResponse(db: Db, request: IdempotentRequest): Promise<KeptResponse | null> {
  const row = await db.selectFrom('idempotencyKeys').selectAll().where('key', '=', request.key).executeTakeFirst();
  return row ? answerOf(row, request) : null;
}

async function replay(tx: Tx, request: IdempotentRequest): Promise<KeptResponse & { readonly replayed: boolean }> {
  const row = await tx
    .selectFrom('idempotencyKeys')
    .selectAll()
    .where('key', '=', request.key)
    .executeTakeFirstOrThrow();
  return { ...answerOf(row, request), replayed: true };
}

function answerOf(
  row: IdempotentRequest & { readonly status: number | null; readonly response: unknown },
  request: IdempotentRequest,
): KeptResponse {
  if (row.route !== request.route || row.bodyHash !== request.bodyHash)
    throw new SlipwayError(
      'idempotency.mismatch',
      `the idempotency key '${request.key}' was used for another request`,
      'use a new key for a new request',
    );
  return { status: row.status ?? 200, response: row.response };
}

/** Forgets keys older than a day. */
export async function forgetOldKeys(db: Db): Promise<void> {
  await db.deleteFrom('idempotencyKeys').where('createdAt', '<', sql<number>`now() - interval '1 day'`).execute();
}
