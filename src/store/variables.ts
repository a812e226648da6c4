import { Secret } from '#domain/secret.ts';
import { now } from './columns.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db, Tx } from './tables.ts';

/** The environment that stands for all of a project's: a variable of an environment itself goes before it. */
export const everyEnvironment = '*';

export interface Variable {
  readonly project: string;
  readonly environment: string;
  readonly name: string;
  /** Sealed in the database whether secret or not. */
  readonly value: Secret;
  /** A secret's value is shown to nobody again, and masked wherever it would be printed. */
  readonly secret: boolean;
  readonly updatedAt: number;
}

type Place = Pick<Variable, 'project' | 'environment' | 'name'>;
const place = (at: Place) => ['variables', at.project, at.environment, at.name];

/** Sets a variable. What a secret was before is kept, sealed, to be masked where it still stands. */
export async function saveVariable(tx: Tx, key: Key, variable: Omit<Variable, 'updatedAt'>): Promise<void> {
  const before = await tx
    .selectFrom('variables')
    .selectAll()
    .where('project', '=', variable.project)
    .where('environment', '=', variable.environment)
    .where('name', '=', variable.name)
    .forUpdate()
    .executeTakeFirst();
  if (before?.secret && unseal(key, place(before), before.value) !== variable.value.reveal())
    await retire(tx, variable);
  const value = seal(key, place(variable), variable.value.reveal());
  const { secret } = variable;
  await tx
    .insertInto('variables')
    .values({ ...variable, value })
    .onConflict((conflict) =>
      conflict.columns(['project', 'environment', 'name']).doUpdateSet({ value, secret, updatedAt: now }),
    )
    .execute();
}

/** Keeps a secret's sealed value beside; what is no secret is not kept. */
async function retire(tx: Tx, { project, environment, name }: Place): Promise<void> {
  const old = tx
    .selectFrom('variables')
    .select(['project', 'environment', 'name', 'value'])
    .where('project', '=', project)
    .where('environment', '=', environment)
    .where('name', '=', name)
    .where('secret', '=', true);
  await tx.insertInto('retiredSecrets').columns(['project', 'environment', 'name', 'value']).expression(old).execute();
}

/** @returns whether there was one. */
export async function removeVariable(tx: Tx, at: Place): Promise<boolean> {
  await retire(tx, at);
  const result = await tx
    .deleteFrom('variables')
    .where('project', '=', at.project)
    .where('environment', '=', at.environment)
    .where('name', '=', at.name)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The variables set for one environment, or for all (`'*'`), as they were set, by name. */
export async function listVariables(
  db: Db,
  key: Key,
  project: string,
  environment: string,
): Promise<readonly Variable[]> {
  const rows = await db
    .selectFrom('variables')
    .selectAll()
    .where('project', '=', project)
    .where('environment', '=', environment)
    .orderBy('name')
    .execute();
  return rows.map((row) => ({ ...row, value: new Secret(unseal(key, place(row), row.value)) }));
}

/**
 * Every secret value of a project, of whatever environment, also those that were changed or removed: what is to be masked
 * in all that is shown of it.
 */
export async function projectSecrets(db: Db, key: Key, project: string): Promise<readonly string[]> {
  const columns = ['project', 'environment', 'name', 'value'] as const;
  const current = db.selectFrom('variables').select(columns).where('project', '=', project).where('secret', '=', true);
  const retired = db.selectFrom('retiredSecrets').select(columns).where('project', '=', project);
  const rows = await current.unionAll(retired).execute();
  return [...new Set(rows.map((row) => unseal(key, place(row), row.value)))];
}

/** What holds in an environment: its own variables over those of all environments, by name. */
export async function effectiveVariables(
  db: Db,
  key: Key,
  project: string,
  environment: string,
): Promise<readonly Variable[]> {
  const general = await listVariables(db, key, project, everyEnvironment);
  const own = await listVariables(db, key, project, environment);
  const byName = new Map([...general, ...own].map((variable) => [variable.name, variable]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
