import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EventType, NewEvent, RecordedEvent } from '#domain/events/types.ts';
import { json } from './columns.ts';
import type { Page } from './page.ts';
import type { Db, Tx } from './tables.ts';

/** The advisory lock that writers of events hold to the end of their transaction ('slipway events' as a number). */
const appendLock = 7_546_229;

/** The channel of NOTIFY; the payload is the event's `seq`. */
export const eventsChannel = 'slipway_events';

/**
 * Records an event, and tells listeners when the transaction commits. Writers wait for one another from here to the
 * end of their transactions, so that `seq` has the order of commits and a reader that stands at a `seq` never misses
 * a smaller one (a plain sequence gives numbers out before commits). Append last in a transaction: it holds others up
 * shortest so, and cannot deadlock.
 * @param id the event's own; a second event with the same id is left out, and `null` comes back.
 */
export async function appendEvent<T extends EventType>(
  tx: Tx,
  event: NewEvent<T>,
  id: string = randomUUID(),
): Promise<RecordedEvent | null> {
  const { type, source, subject, project, deployment } = event;
  // one statement, since whatever happens waits for it; `seq` is given out to the row that the lock has let through
  const { rows } = await sql<RecordedEvent>`
    with locked as (select pg_advisory_xact_lock(${sql.lit(appendLock)})),
    added as (
      insert into events (id, type, source, subject, project, deployment, data)
      select ${id}::uuid, ${type}, ${source}, ${subject}, ${project}, ${deployment}::bigint, ${json(event.data)}::jsonb
      from locked on conflict (id) do nothing returning *
    )
    select added.* from added, pg_notify(${eventsChannel}, added.seq::text)`.execute(tx);
  return rows[0] ?? null;
}

export interface EventFilter {
  readonly project?: string;
  readonly deployment?: number;
  readonly subject?: string;
  readonly types?: readonly EventType[];
}

/** The events after `seq` that fit the filter, oldest first, at most `limit` (100). Page on with the last one's `seq`. */
export async function eventsAfter(
  db: Db,
  seq: number,
  filter: EventFilter = {},
  limit = 100,
): Promise<readonly RecordedEvent[]> {
  return fitting(db, filter).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
}

/** The events that fit the filter, newest first: the audit trail, a page at a time. */
export async function listEvents(db: Db, filter: EventFilter, page: Page): Promise<readonly RecordedEvent[]> {
  let query = fitting(db, filter);
  if (page.before !== undefined) query = query.where('seq', '<', page.before);
  return query.orderBy('seq', 'desc').limit(page.limit).execute();
}

function fitting(db: Db, filter: EventFilter) {
  let query = db.selectFrom('events').selectAll();
  if (filter.project !== undefined) query = query.where('project', '=', filter.project);
  if (filter.deployment !== undefined) query = query.where('deployment', '=', filter.deployment);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (filter.types !== undefined) query = query.where('type', 'in', [...filter.types]);
  return query;
}

/** The newest event's `seq`; 0 when there is none. Where a listener that wants only what comes begins. */
export async function lastEventSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((e) => e.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}
