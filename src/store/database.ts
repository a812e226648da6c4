import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { withRetry, worded } from './failures.ts';
import { migrate } from './migrations/all.ts';
import { type Key, seal, unseal } from './sealing.ts';
import type { Db, Tables, Tx } from './tables.ts';

const int8 = 20;
const timestamptz = 1184;

/** The open database with the key of what is sealed in it. */
export interface Store {
  readonly db: Db;
  readonly key: Key;
  readonly url: string;
  /**
   * Does the work in one transaction, again where the database went away in the middle. The work may therefore run
   * twice, also after a commit whose answer was lost: it looks before it writes.
   * @throws SlipwayError `store.unavailable` after 90 s.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Reads, again where the database went away. @throws SlipwayError `store.unavailable` after 90 s. */
  read<T>(work: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens the database, brings its schema up to date, and checks that the key is the one it was sealed with.
 * @param options.waitMs how long to wait for a database that is not there yet; default 90 s.
 * @throws SlipwayError `store.unavailable`, `secret.wrong_key`, `data.damaged`.
 */
export async function openStore(options: {
  readonly url: string;
  readonly key: Key;
  readonly waitMs?: number;
}): Promise<Store> {
  const { url, key } = options;
  const pool = openPool(url);
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  try {
    await withRetry(() => prepare(db, key), { forMs: options.waitMs ?? 90_000 });
  } catch (thrown) {
    await db.destroy();
    throw worded(thrown);
  }
  return {
    db,
    key,
    url,
    transaction: (work) => withRetry(() => db.transaction().execute(work)),
    read: (work) => withRetry(() => work(db)),
    close: () => db.destroy(),
  };
}

async function prepare(db: Db, key: Key): Promise<void> {
  await migrate(db.withoutPlugins());
  await checkKey(db, key);
}

/** One small sealed row tells a wrong key at start-up, before anything is written with it. */
async function checkKey(db: Db, key: Key): Promise<void> {
  const name = 'database';
  const sealed = seal(key, ['key_checks', name], 'slipway');
  await db
    .insertInto('keyChecks')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db.selectFrom('keyChecks').select('sealed').where('name', '=', name).executeTakeFirstOrThrow();
  unseal(key, ['key_checks', name], row.sealed);
}

/** Identities and sequence numbers come as numbers (2^53 is plenty), times as ms since the epoch. */
function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'slipway',
    types: { getTypeParser: parserOf },
  });
  // A connection that breaks must not end the process, whether it is idle (the pool tells) or between two queries of a
  // transaction (its client tells): the next query on it fails, and is done again on a new one.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function parserOf(type: number, format?: 'text' | 'binary'): unknown {
  if (type === int8) return Number;
  if (type === timestamptz) {
    const parse = pg.types.getTypeParser(timestamptz, 'text');
    return (text: string) => Number(parse(text));
  }
  return pg.types.getTypeParser(type, format ?? 'text');
}
