import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** Can a server listen on this port of 127.0.0.1 now? */
export function isFree(port: number, protocol: string): Promise<boolean> {
  return protocol === 'udp' ? isFreeUdp(port) : isFreeTcp(port);
}

function isFreeTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isFreeUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.on('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** Who listens on a port, as `node (pid 12)`, where /proc tells (Linux, own processes; root: all). */
export function ownerOf(port: number, protocol: string): string {
  const sockets = ['', '6'].flatMap((family) => listeners(`/proc/net/${protocol}${family}`, port, protocol));
  if (sockets.length === 0) return 'another process';
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of names(`/proc/${pid}/fd`))
      if (sockets.some((inode) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`))
        return `${textOf(`/proc/${pid}/comm`).trim()} (pid ${pid})`;
  return 'a process of another user';
}

/** Inodes of the sockets that listen (TCP state 0A) or are bound (UDP) at the port. */
function listeners(table: string, port: number, protocol: string): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return textOf(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) && (protocol === 'udp' || fields[3] === '0A'))
    .map((fields) => fields[9] ?? '');
}

const names = (folder: string): readonly string[] => attempt(() => readdirSync(folder), []);
const textOf = (path: string): string => attempt(() => readFileSync(path, 'utf8'), '');
const linkOf = (path: string): string => attempt(() => readlinkSync(path), '');

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
