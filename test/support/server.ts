import { createInterface } from 'node:readline';
import { SlipwayError } from '#domain/errors.ts';
import { armFailpoint } from '#workflows/failpoint.ts';
import { startServer } from '../../src/main.ts';

/** The server as a process of its own, for tests that kill it. It says `{"ready": url}` or `{"error": ...}` on one line. */
try {
  const server = await startServer({
    dataDirectory: process.env.SLIPWAY_TEST_DATA ?? '',
    databaseUrl: process.env.SLIPWAY_TEST_DATABASE ?? null,
    host: '127.0.0.1',
    port: Number(process.env.SLIPWAY_TEST_PORT ?? 0),
    log: (line) => console.error(line),
  });
  console.log(JSON.stringify({ ready: server.url }));
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const order = JSON.parse(line) as { arm?: string | null; record?: string | null; stop?: { all: boolean } };
    if (order.stop) {
      await server.stop(order.stop);
      process.exit(0);
    }
    armFailpoint(order.arm ?? null, order.record ?? null);
    console.log(JSON.stringify({ armed: order.arm ?? null }));
  });
} catch (thrown) {
  const { code, hint } = thrown instanceof SlipwayError ? thrown : { code: 'internal', hint: undefined };
  console.log(JSON.stringify({ error: { code, message: String(thrown), hint } }));
  process.exit(1);
}
