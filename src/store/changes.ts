import type { Attempt } from '#domain/deployment.ts';
import type { Change, FieldChange, Json, RecordedThing } from '#domain/plan/change.ts';
import { thingId } from '#domain/plan/change.ts';
import type { StackName } from '#domain/stack-name.ts';
import { json, now, storable } from './columns.ts';
import { eventOf, eventSubject, getDeployment } from './deployments.ts';
import { appendEvent } from './events.ts';
import { type Key, seal, unseal } from './sealing.ts';
import { removeApplied, saveApplied } from './stacks.ts';
import type { Db, Tx } from './tables.ts';

/** One change of one thing in a deployment: meant, then done or failed. */
export interface ChangeRecord {
  readonly deployment: number;
  readonly attempt: Attempt;
  /** `service/web` */
  readonly thing: string;
  readonly action: string;
  /** For people: secrets are masked. */
  readonly fields: readonly FieldChange[];
  readonly status: 'intended' | 'done' | 'failed';
  readonly outcome: string | null;
  readonly intendedAt: number;
  readonly endedAt: number | null;
}

/** Which change: the row's key. */
export interface ChangeKey {
  readonly deployment: number;
  readonly attempt: Attempt;
  readonly change: Change;
}

const place = (deployment: number, attempt: string, thing: string) => ['changes', String(deployment), attempt, thing];
const columns = [
  'deployment',
  'attempt',
  'thing',
  'action',
  'fields',
  'status',
  'outcome',
  'intendedAt',
  'endedAt',
] as const;

/** A change about to be made. `masked`: its fields without secret values, to be shown. */
export interface Intent {
  readonly change: Change;
  readonly masked: readonly FieldChange[];
}

/**
 * Writes down what is about to be done, all at once. The first intent stays: after a crash the same change comes back with
 * how far it got. @returns a record for each, by thing.
 */
export async function recordIntents(
  db: Db,
  key: Key,
  { deployment, attempt }: Pick<ChangeKey, 'deployment' | 'attempt'>,
  intents: readonly Intent[],
): Promise<ReadonlyMap<string, ChangeRecord>> {
  const rows = intents.map(({ change, masked }) => {
    const thing = thingId(change);
    const sealed = seal(key, place(deployment, attempt, thing), JSON.stringify(change));
    const { action } = change;
    return { deployment, attempt, thing, action, fields: json(masked), change: sealed, status: 'intended' as const };
  });
  if (rows.length === 0) return new Map();
  await db
    .insertInto('changes')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const found = await db
    .selectFrom('changes')
    .select(columns)
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .where(
      'thing',
      'in',
      rows.map((row) => row.thing),
    )
    .execute();
  return new Map(found.map((row) => [row.thing, { ...row, fields: row.fields as readonly FieldChange[] }]));
}

/** How a change ended. `wrote`: what is there now, `null` where the thing was removed. */
export type Outcome =
  | { readonly status: 'done'; readonly wrote: Pick<RecordedThing, 'spec' | 'native'> | null }
  | { readonly status: 'failed'; readonly message: string };

/**
 * Records how a change ended: its outcome, what is applied now, and the event, in one transaction. A second time does
 * nothing. @returns whether this call recorded it.
 */
export async function recordOutcome(
  tx: Tx,
  key: Key,
  at: ChangeKey & { readonly stack: StackName },
  result: Outcome,
): Promise<boolean> {
  const { deployment, attempt, change } = at;
  const thing = thingId(change);
  const outcome = result.status === 'failed' ? storable(result.message) : null;
  const row = await tx
    .updateTable('changes')
    .set({ status: result.status, outcome, endedAt: now })
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .where('thing', '=', thing)
    .where('status', '=', 'intended')
    .returning('thing')
    .executeTakeFirst();
  if (!row) return false;
  if (result.status === 'done') await apply(tx, key, at, result.wrote);
  const { action } = change;
  const about = await getDeployment(tx, deployment);
  await appendEvent(tx, {
    ...eventOf(about),
    type: 'deployment.changed',
    data: { ...eventSubject(about), attempt, thing, action, status: result.status, outcome },
  });
  return true;
}

async function apply(
  tx: Tx,
  key: Key,
  at: ChangeKey & { readonly stack: StackName },
  wrote: { readonly spec: Json; readonly native: Json } | null,
): Promise<void> {
  const { change, deployment, stack } = at;
  const { kind, name } = change;
  if (wrote === null) await removeApplied(tx, stack, kind, name);
  else await saveApplied(tx, key, stack, { kind, name, deployment, ...wrote });
}

/** The changes of a deployment, in the order in which they were meant. */
export async function changesOf(db: Db, deployment: number): Promise<readonly ChangeRecord[]> {
  const rows = await db
    .selectFrom('changes')
    .select(columns)
    .where('deployment', '=', deployment)
    .orderBy('intendedAt')
    .orderBy('attempt', 'desc')
    .orderBy('thing')
    .execute();
  return rows.map((row) => ({ ...row, fields: row.fields as readonly FieldChange[] }));
}

/** The changes that a crash left open, whole, with what they were to write. */
export async function openChanges(db: Db, key: Key, deployment: number): Promise<readonly ChangeKey[]> {
  const rows = await db
    .selectFrom('changes')
    .select(['attempt', 'thing', 'change'])
    .where('deployment', '=', deployment)
    .where('status', '=', 'intended')
    .orderBy('thing')
    .execute();
  return rows.map(({ attempt, thing, change }) => ({
    deployment,
    attempt,
    change: JSON.parse(unseal(key, place(deployment, attempt, thing), change)) as Change,
  }));
}
