import './selftest.js';
import { createClient } from '@redis/client';
import pg from 'pg';
import { cases } from './cases.js';
import { jobsOn } from './jobs.js';
import { marketOf } from './market.js';
import { run, setting } from './service.js';

const db = new pg.Pool({
  host: setting('DB_HOST', 'db'),
  port: Number(setting('DB_PORT', '5432')),
  user: setting('DB_USER', 'marketplace'),
  password: setting('DB_PASSWORD', 'marketplace'),
  database: setting('DB_NAME', 'marketplace'),
  max: 4,
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
/** Waiting for a job blocks its connection. */
const hand = cache.duplicate();
for (const client of [cache, hand]) client.on('error', (error) => console.error('cache:', error.message));

const market = marketOf(db, cache);
const jobs = jobsOn(cache, hand, market.follow);
const ROUND_MS = 10_000;
/** @type {NodeJS.Timeout | undefined} */
let rounds;

/** Makes up, too, for what was lost while the cache was away. */
async function round() {
  await jobs.takeUpLost();
  await market.expire();
  await market.countAll();
}

await run({
  async start() {
    for (const client of [cache, hand]) if (!client.isOpen) await client.connect();
    await market.countAll();
    jobs.begin();
    rounds = setInterval(() => void round().catch((error) => console.error('round:', error.message)), ROUND_MS);
  },
  async stop() {
    clearInterval(rounds);
    await jobs.end();
    if (cache.isReady) await cache.close();
    else if (cache.isOpen) cache.destroy();
    await db.end();
  },
  routes: [['GET', /^\/jobs$/, async () => ({ json: await jobs.figures() })]],
  cases: cases(market, jobs, db, cache),
});
