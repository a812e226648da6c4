import './selftest.js';
import { createClient } from '@redis/client';
import { cases } from './cases.js';
import { roomsOver } from './rooms.js';
import { run, setting } from './service.js';

const cache = createClient({
  // While the cache is away a command fails at once, and whoever asked goes on without.
  disableOfflineQueue: true,
  socket: {
    host: setting('CACHE_HOST', 'cache'),
    port: Number(setting('CACHE_PORT', '6379')),
    reconnectStrategy: (tries) => Math.min(tries * 50, 500),
  },
});
/** A connection that listens to channels can do nothing else. */
const ears = cache.duplicate();
for (const client of [cache, ears]) client.on('error', (error) => console.error('cache:', error.message));
const rooms = roomsOver(cache, ears);

await run({
  async start() {
    for (const client of [cache, ears]) if (!client.isOpen) await client.connect();
    await rooms.listen();
  },
  async stop() {
    rooms.close();
    for (const client of [ears, cache]) {
      if (client.isReady) await client.close();
      else if (client.isOpen) client.destroy();
    }
  },
  routes: [
    ['GET', /^\/offers\/(\d{1,15})\/messages$/, async ({ params: [id] }) => ({ json: { messages: await rooms.history(id) } })],
  ],
  upgrade: rooms.enter,
  cases: cases(rooms, cache),
});
