import { now } from './columns.ts';
import type { Db } from './tables.ts';

/** What others' tag meant when it was first seen: `postgres:16` → `postgres@sha256:…`. */
export interface Pin {
  readonly project: string;
  readonly environment: string;
  readonly service: string;
  readonly reference: string;
  readonly pinned: string;
  readonly seenAt: number;
}

/** Every pin of an environment. One whose `reference` is no longer the file's text is to be looked up again. */
export async function listPins(db: Db, project: string, environment: string): Promise<readonly Pin[]> {
  return db
    .selectFrom('pins')
    .selectAll()
    .where('project', '=', project)
    .where('environment', '=', environment)
    .orderBy('service')
    .execute();
}

/** Notes the digest that a tag was seen with, in place of an earlier one. */
export async function savePin(db: Db, pin: Omit<Pin, 'seenAt'>): Promise<void> {
  const { reference, pinned } = pin;
  await db
    .insertInto('pins')
    .values(pin)
    .onConflict((conflict) =>
      conflict.columns(['project', 'environment', 'service']).doUpdateSet({ reference, pinned, seenAt: now }),
    )
    .execute();
}
