import './selftest.js';
import { createClient } from '@redis/client';
import pg from 'pg';
import { cases } from './cases.js';
import { offersIn, prepare } from './offers.js';
import { Refused, run, setting } from './service.js';

const db = new pg.Pool({
  host: setting('DB_HOST', 'db'),
  port: Number(setting('DB_PORT', '5432')),
  user: setting('DB_USER', 'marketplace'),
  password: setting('DB_PASSWORD', 'marketplace'),
  database: setting('DB_NAME', 'marketplace'),
  max: 8,
  connectionTimeoutMillis: 5_000,
});
db.on('error', (error) => console.error('database:', error.message));
const cache = createClient({
  // While the cache is away a command fails at once, and whoever asked goes on without.
  disableOfflineQueue: true,
  socket: {
    host: setting('CACHE_HOST', 'cache'),
    port: Number(setting('CACHE_PORT', '6379')),
    reconnectStrategy: (tries) => Math.min(tries * 50, 500),
  },
});
cache.on('error', (error) => console.error('cache:', error.message));
const offers = offersIn(db, cache);

await run({
  async start() {
    if (!cache.isOpen) await cache.connect();
    await prepare(db);
  },
  async stop() {
    await db.end();
    if (cache.isReady) await cache.close();
    else if (cache.isOpen) cache.destroy();
  },
  routes: [
    ['GET', /^\/offers$/, async ({ url }) => ({ json: await offers.list(url.searchParams) })],
    ['POST', /^\/offers$/, async ({ body }) => ({ status: 201, json: await offers.place(await body()) })],
    ['GET', /^\/offers\/(\d{1,15})$/, async ({ params: [id] }) => ({ json: found(await offers.get(id)) })],
    ['POST', /^\/offers\/(\d{1,15})\/buy$/, async ({ params: [id] }) => ({ json: await offers.buy(id) })],
    ['DELETE', /^\/offers\/(\d{1,15})$/, async ({ params: [id] }) => ({ json: found(await offers.withdraw(id)) })],
    ['GET', /^\/categories$/, async () => ({ json: await offers.categories() })],
  ],
  cases: cases(offers, db, cache),
});

/** @template T @param {T | undefined} offer @returns {T} */
function found(offer) {
  if (!offer) throw new Refused(404, 'there is no such offer');
  return offer;
}
