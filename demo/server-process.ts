import { messageOf } from '#domain/errors.ts';
import { startServer } from '../src/main.ts';

/**
 * The Slipway of the demo, a process of its own: `{"url": …}` or `{"error": …}` on one line of its output. It stops, and its
 * local instances with it, when its standard input ends: also when the demo was killed.
 */
const [dataDirectory = ''] = process.argv.slice(2);
try {
  const server = await startServer({
    dataDirectory,
    databaseUrl: null,
    host: '127.0.0.1',
    port: 0,
    log: (line) => console.error(line),
  });
  console.log(JSON.stringify({ url: server.url }));
  // Ctrl-C reaches the whole group of the terminal; the demo decides when its server stops
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  process.stdin.resume().on('end', () => {
    server.stop({ all: true }).then(
      () => process.exit(0),
      (thrown: unknown) => {
        console.error(messageOf(thrown));
        process.exit(1);
      },
    );
  });
} catch (thrown) {
  console.log(JSON.stringify({ error: messageOf(thrown) }));
  process.exit(1);
}
