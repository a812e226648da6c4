import './selftest.js';
import { createClient } from '@redis/client';
import { cases } from './cases.js';
import { createIndex } from './index.js';
import { run, setting } from './service.js';

const api = setting('API_URL', 'http://api:3000');
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
const index = createIndex();
/** Events may be missed while the cache is away; a full pass makes up for it. */
const FULL_PASS_MS = 30_000;
const ASK_MS = 5_000;
/** @type {NodeJS.Timeout | undefined} */
let passes;

/** A full pass must not bring back what an event has just removed: one after the other. @type {Promise<void>} */
let last = Promise.resolve();
/** @param {() => Promise<void>} work */
const inTurn = (work) => {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
};

const fullPass = () => inTurn(readAll);

async function readAll() {
  const answer = await fetch(`${api}/offers?limit=500`, { signal: AbortSignal.timeout(ASK_MS) });
  if (!answer.ok) throw new Error(`the api answered ${answer.status}`);
  index.replace((await answer.json()).offers);
}

/** @param {string} text an event: one offer is new, sold, expired or withdrawn */
async function heard(text) {
  const { id } = JSON.parse(text);
  const answer = await fetch(`${api}/offers/${id}`, { signal: AbortSignal.timeout(ASK_MS) });
  const offer = answer.ok ? await answer.json() : undefined;
  if (offer?.state === 'open') index.put(offer);
  else index.remove(id);
}

/** @param {string} what @param {Promise<void>} work */
const note = (what, work) => void work.catch((error) => console.error(`${what}:`, error.message));

await run({
  async start() {
    if (!cache.isOpen) await cache.connect();
    await cache.unsubscribe('events');
    await cache.subscribe('events', (text) => note('event', inTurn(() => heard(text))));
    await fullPass();
    passes = setInterval(() => note('full pass', fullPass()), FULL_PASS_MS);
  },
  async stop() {
    clearInterval(passes);
    if (cache.isReady) await cache.close();
    else if (cache.isOpen) cache.destroy();
  },
  routes: [
    ['GET', /^\/search$/, ({ url }) => ({ json: index.search(url.searchParams.get('q') ?? '', url.searchParams.get('category') ?? '') })],
  ],
  cases: cases(index, fullPass),
});
