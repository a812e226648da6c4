import type { Attempt } from '#domain/deployment.ts';
import type { Plan } from '#domain/plan/change.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { at } from './columns.ts';
import type { Key } from './sealing.ts';
import { seal, unseal } from './sealing.ts';
import type { Db } from './tables.ts';

/** One attempt of a deployment to bring a specification to an engine. Times: ms since the epoch. */
export interface AttemptRow {
  readonly stack: string;
  readonly spec: StackSpec;
  readonly plan: Plan | null;
  readonly startedAt: number | null;
  readonly deadlineAt: number | null;
}

const place = (deployment: number, attempt: Attempt, column: string) => [
  'attempts',
  String(deployment),
  attempt,
  column,
];

/** Records the target of an attempt. A step that runs twice records the same target twice; plan and clock stay. */
export async function saveTarget(
  db: Db,
  key: Key,
  deployment: number,
  attempt: Attempt,
  spec: StackSpec,
): Promise<void> {
  const sealed = seal(key, place(deployment, attempt, 'spec'), JSON.stringify(spec));
  await db
    .insertInto('attempts')
    .values({ deployment, attempt, stack: spec.name, spec: sealed })
    .onConflict((conflict) => conflict.columns(['deployment', 'attempt']).doUpdateSet({ spec: sealed }))
    .execute();
}

/** Starts the clock of an attempt, once: both times are absolute, and a restart of Slipway gives no more of it. */
export async function startClock(
  db: Db,
  deployment: number,
  attempt: Attempt,
  clock: { readonly startedAt: number; readonly deadlineAt: number },
): Promise<{ readonly startedAt: number; readonly deadlineAt: number }> {
  await db
    .updateTable('attempts')
    .set({ startedAt: at(clock.startedAt), deadlineAt: at(clock.deadlineAt) })
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .where('startedAt', 'is', null)
    .execute();
  const row = await db
    .selectFrom('attempts')
    .select(['startedAt', 'deadlineAt'])
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .executeTakeFirstOrThrow();
  return { startedAt: row.startedAt ?? clock.startedAt, deadlineAt: row.deadlineAt ?? clock.deadlineAt };
}

/** Records the plan of an attempt before its first change. The first one stays. */
export async function savePlan(db: Db, key: Key, deployment: number, attempt: Attempt, plan: Plan): Promise<void> {
  await db
    .updateTable('attempts')
    .set({ plan: seal(key, place(deployment, attempt, 'plan'), JSON.stringify(plan)) })
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .where('plan', 'is', null)
    .execute();
}

/** How far each attempt of a deployment came, in the order in which they began, without what it holds. */
export async function attemptTimes(
  db: Db,
  deployment: number,
): Promise<readonly (Pick<AttemptRow, 'stack' | 'startedAt' | 'deadlineAt'> & { readonly attempt: Attempt })[]> {
  return db
    .selectFrom('attempts')
    .select(['attempt', 'stack', 'startedAt', 'deadlineAt'])
    .where('deployment', '=', deployment)
    .orderBy('startedAt')
    .orderBy('attempt', 'desc')
    .execute();
}

/** An attempt with its target, plan and clock, as far as they are there. */
export async function attemptOf(
  db: Db,
  key: Key,
  deployment: number,
  attempt: Attempt,
): Promise<AttemptRow | undefined> {
  const row = await db
    .selectFrom('attempts')
    .selectAll()
    .where('deployment', '=', deployment)
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  if (!row) return undefined;
  const { stack, startedAt, deadlineAt } = row;
  const open = <T>(column: string, sealed: Buffer): T =>
    JSON.parse(unseal(key, place(deployment, attempt, column), sealed)) as T;
  return {
    stack,
    startedAt,
    deadlineAt,
    spec: open('spec', row.spec),
    plan: row.plan === null ? null : open('plan', row.plan),
  };
}
