import { once } from 'node:events';
import { createServer } from 'node:net';

/** `wanted`, or one of the ten after it, or any: the first on which nobody listens. */
export async function freePort(wanted: number): Promise<number> {
  const candidates = [...Array.from({ length: 10 }, (_, index) => wanted + index), 0];
  for (const port of candidates) {
    const free = await listenOnce(port);
    if (free !== null) return free;
  }
  return wanted;
}

/** The port, if it can be listened on at every address of this machine. */
async function listenOnce(port: number): Promise<number | null> {
  const server = createServer();
  try {
    await once(server.listen(port, '0.0.0.0'), 'listening');
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : null;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
