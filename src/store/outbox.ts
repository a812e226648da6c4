import { sql } from 'kysely';
import { at, json, now, storable } from './columns.ts';
import type { Db, Tx } from './tables.ts';

/** The part of a notice that is stored: plain data, in the notify contract's form. */
export interface StoredNotice {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly level: 'good' | 'bad' | 'info';
  readonly link: string | null;
}

export interface Outgoing {
  readonly id: number;
  readonly channel: string;
  readonly notice: StoredNotice;
  /** The event that it tells of. */
  readonly event: number;
  /** Counted with the try that is beginning: 1, 2, 3 … */
  readonly attempts: number;
  readonly lastError: string | null;
}

/** Puts a notice out for a channel: once an event and channel, however often it is asked for. */
export async function enqueueNotice(tx: Tx, channel: string, notice: StoredNotice, event: number): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ channel, notice: json(notice), event })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/**
 * Takes notices that are due, for `leaseMs`: nobody else gets them until then, and a sender that dies loses nothing. The
 * lease is a little longer than a delivery may take, since it is what a notice waits when its sender was killed.
 * @returns at most `limit`, oldest first.
 */
export async function claimNotices(db: Db, limit = 10, leaseMs = 15_000): Promise<readonly Outgoing[]> {
  const due = db
    .selectFrom('outbox')
    .select('id')
    .where('deliveredAt', 'is', null)
    .where('gaveUpAt', 'is', null)
    .where('nextAt', '<=', sql<number>`clock_timestamp()`)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = await db
    .updateTable('outbox')
    .set((e) => ({
      attempts: e('attempts', '+', 1),
      nextAt: sql<Date>`clock_timestamp() + ${leaseMs} * interval '1 millisecond'`,
    }))
    .where('id', 'in', due)
    .returning(['id', 'channel', 'notice', 'event', 'attempts', 'lastError'])
    .execute();
  return rows.map((row) => ({ ...row, notice: row.notice as StoredNotice })).sort((a, b) => a.id - b.id);
}

/** Notes that the receiver took it. */
export async function noticeDelivered(db: Db, id: number): Promise<void> {
  await db.updateTable('outbox').set({ deliveredAt: now, lastError: null }).where('id', '=', id).execute();
}

/**
 * Notes a failed try, unless another one has begun since: whose lease ran out says nothing of the next holder's.
 * @param nextAt when to try again, ms since the epoch; `null`: never, it was refused for good.
 */
export async function noticeFailed(db: Db, item: Outgoing, error: string, nextAt: number | null): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ lastError: storable(error), ...(nextAt === null ? { gaveUpAt: now } : { nextAt: at(nextAt) }) })
    .where('id', '=', item.id)
    .where('attempts', '=', item.attempts)
    .execute();
}

/** When the next notice is due, ms since the epoch; `null`: none waits. */
export async function nextNoticeAt(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('outbox')
    .select('nextAt')
    .where('deliveredAt', 'is', null)
    .where('gaveUpAt', 'is', null)
    .orderBy('nextAt')
    .limit(1)
    .executeTakeFirst();
  return row?.nextAt ?? null;
}
