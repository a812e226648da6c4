import { once } from 'node:events';
import {
  type AddressInfo,
  createConnection,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A way to somebody that can be cut and mended: an engine, or a database, that does not answer for a while. */
export interface Proxy {
  /** Ends every connection, and takes no other until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** A proxy with a unix socket of its own. */
export interface SocketProxy extends Proxy {
  readonly path: string;
}

/** A proxy with a port of its own, on loopback. */
export interface PortProxy extends Proxy {
  readonly port: number;
}

export async function proxySocket(target: string): Promise<SocketProxy> {
  const path = join(tmpdir(), `slipway-proxy-${process.pid}-${Date.now()}.sock`);
  const { server, proxy } = proxyTo({ path: target });
  await once(server.listen(path), 'listening');
  return { path, ...proxy };
}

/** @param target a port on loopback */
export async function proxyPort(target: number): Promise<PortProxy> {
  const { server, proxy } = proxyTo({ port: target, host: '127.0.0.1' });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, ...proxy };
}

function proxyTo(target: NetConnectOpts): { readonly server: Server; readonly proxy: Proxy } {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const engine = createConnection({ ...target, allowHalfOpen: true });
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
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  const proxy: Proxy = {
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
  return { server, proxy };
}
