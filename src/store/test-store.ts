import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore, type Store } from './database.ts';
import { type EmbeddedServer, startEmbedded } from './embedded/server.ts';
import { type Key, keyOf } from './sealing.ts';

/** For tests: a server in a temporary folder, with a store in it, and more databases on demand. */
export interface TestStore {
  readonly store: Store;
  readonly server: EmbeddedServer;
  readonly directory: string;
  /** A new empty database beside the store's. @returns its URL. */
  emptyDatabase(): Promise<string>;
  /** Stops the server and removes the folder. */
  stop(): Promise<void>;
}

/** A migrated database of its own for a test file. */
export async function startTestStore(key: Key = keyOf(randomBytes(32))): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-store-'));
  const server = await startEmbedded({ directory });
  const store = await openStore({ url: server.url, key });
  return {
    store,
    server,
    directory,
    emptyDatabase: () => createDatabase(server.url),
    stop: async () => {
      await store.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
