import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A way to a unix socket that can be cut and mended: an engine that does not answer for a while. */
export interface SocketProxy {
  readonly path: string;
  /** Ends every connection, and takes no other until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function proxySocket(target: string): Promise<SocketProxy> {
  const path = join(tmpdir(), `slipway-proxy-${process.pid}-${Date.now()}.sock`);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const engine = createConnection({ path: target, allowHalfOpen: true });
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    path,
    cut: async () => {
      isCut = true;
      endAll();
    },
    mend: async () => {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        endAll();
        server.close(() => resolve());
      }),
  };
}
