import { type Migration, Migrator } from 'kysely/migration';
import { SlipwayError } from '#domain/errors.ts';
import type { Db } from '../tables.ts';
import * as first from './0001-first.ts';
import * as attempts from './0002-attempts.ts';
import * as retired from './0003-retired-secrets.ts';

/** In order; a name, once released, never changes. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-attempts': attempts,
  '0003-retired-secrets': retired,
};

/**
 * Brings the schema up to date, in one transaction. Several servers may do it at once: the first takes an advisory
 * lock, the others wait for it and find nothing to do (measured with 4).
 * @throws SlipwayError `data.damaged` where a newer Slipway wrote this database; the driver's error otherwise.
 */
export async function migrate(db: Db): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && /previously executed migration .* is missing/.test(error.message))
    throw new SlipwayError(
      'data.damaged',
      `the database was written by a newer Slipway: ${error.message}`,
      'start that version or a newer one',
      error,
    );
  throw error;
}
