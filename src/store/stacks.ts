import type { RecordedThing, ThingKind } from '#domain/plan/change.ts';
import type { StackName } from '#domain/stack-name.ts';
import { now } from './columns.ts';
import { appendEvent } from './events.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db, Tx } from './tables.ts';

/** A release's services running in an environment on one cluster, under one name. */
export interface Stack {
  readonly name: string;
  readonly project: string;
  readonly environment: string;
  readonly cluster: string;
  readonly createdAt: number;
  readonly removedAt: number | null;
  /** The number of its newest stable revision; `null`: it never was stable. */
  readonly stableRevision: number | null;
}

/**
 * Notes a stack that is about to be deployed. A removed one of the same name lives again, without the revisions of
 * before: what its volumes and networks were is gone.
 */
export async function ensureStack(
  tx: Tx,
  stack: Pick<Stack, 'name' | 'project' | 'environment' | 'cluster'>,
): Promise<Stack> {
  const { project, environment, cluster } = stack;
  await tx
    .insertInto('stacks')
    .values(stack)
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({ project, environment, cluster, createdAt: now, removedAt: null, stableRevision: null })
        .where('stacks.removedAt', 'is not', null),
    )
    .execute();
  return tx.selectFrom('stacks').selectAll().where('name', '=', stack.name).executeTakeFirstOrThrow();
}

/** A stack by its name, removed ones too. */
export async function findStack(db: Db, name: string): Promise<Stack | null> {
  return (await db.selectFrom('stacks').selectAll().where('name', '=', name).executeTakeFirst()) ?? null;
}

/** The stacks that are there now, by name; of one project, or of all (`null`). */
export async function listStacks(db: Db, project: string | null = null): Promise<readonly Stack[]> {
  let query = db.selectFrom('stacks').selectAll().where('removedAt', 'is', null).orderBy('name');
  if (project !== null) query = query.where('project', '=', project);
  return query.execute();
}

/** Notes that a stack is gone, with its event, and forgets what was applied. A second time does nothing. */
export async function markRemoved(tx: Tx, name: string, volumes: boolean): Promise<void> {
  const row = await tx
    .updateTable('stacks')
    .set({ removedAt: now })
    .where('name', '=', name)
    .where('removedAt', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!row) return;
  await tx.deleteFrom('applied').where('stack', '=', name).execute();
  const { project, environment } = row;
  await appendEvent(tx, {
    type: 'stack.removed',
    source: `/stacks/${name}`,
    subject: name,
    project,
    deployment: null,
    data: { project, environment, stack: name, volumes },
  });
}

export interface AppliedThing extends RecordedThing {
  /** The deployment that wrote it last. */
  readonly deployment: number;
}

const appliedPlace = (stack: string, kind: string, name: string, part: 'spec' | 'native') => [
  'applied',
  stack,
  kind,
  name,
  part,
];

/** What Slipway wrote last to a stack, and what the engine gave back right after. */
export async function appliedThings(db: Db, key: Key, stack: StackName): Promise<readonly AppliedThing[]> {
  const rows = await db
    .selectFrom('applied')
    .selectAll()
    .where('stack', '=', stack)
    .orderBy('kind')
    .orderBy('name')
    .execute();
  return rows.map((row) => ({
    kind: row.kind as ThingKind,
    name: row.name,
    deployment: row.deployment,
    spec: JSON.parse(unseal(key, appliedPlace(stack, row.kind, row.name, 'spec'), row.spec)),
    native: JSON.parse(unseal(key, appliedPlace(stack, row.kind, row.name, 'native'), row.native)),
  }));
}

/** Records what was written to one thing of a stack. */
export async function saveApplied(tx: Tx, key: Key, stack: StackName, thing: AppliedThing): Promise<void> {
  const { kind, name, deployment } = thing;
  const spec = seal(key, appliedPlace(stack, kind, name, 'spec'), JSON.stringify(thing.spec));
  const native = seal(key, appliedPlace(stack, kind, name, 'native'), JSON.stringify(thing.native));
  await tx
    .insertInto('applied')
    .values({ stack, kind, name, deployment, spec, native })
    .onConflict((conflict) =>
      conflict.columns(['stack', 'kind', 'name']).doUpdateSet({ spec, native, deployment, at: now }),
    )
    .execute();
}

/** Forgets what was written of a thing, once it is removed. */
export async function removeApplied(tx: Tx, stack: StackName, kind: ThingKind, name: string): Promise<void> {
  await tx.deleteFrom('applied').where('stack', '=', stack).where('kind', '=', kind).where('name', '=', name).execute();
}

/** Forgets all that was applied to a stack: a test stack that is gone. */
export async function removeAllApplied(tx: Tx, stack: string): Promise<void> {
  await tx.deleteFrom('applied').where('stack', '=', stack).execute();
}
