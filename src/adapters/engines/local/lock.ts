import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A lock that one process on this machine holds. Whoever connects to it pokes the holder: nothing is read or sent. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock of this name, or gives `null` while another process holds it. On Linux it is an abstract Unix socket, which
 * the kernel takes away with its process, whatever way that dies. Elsewhere it is a socket file, found dead by connecting.
 */
export async function takeLock(name: string, poked: () => void = () => undefined): Promise<Lock | null> {
  if (process.platform === 'linux') return bind(abstractAddress(name), poked);
  return takeLockFile(socketFile(name), poked);
}

/** Is the lock held? Tells its holder to look around, too. */
export function pokeLock(name: string): Promise<boolean> {
  return reach(process.platform === 'linux' ? abstractAddress(name) : socketFile(name));
}

/** As `takeLock`, with a socket file: for systems without abstract sockets. `path` must be short (about 100 bytes). */
export async function takeLockFile(path: string, poked: () => void = () => undefined): Promise<Lock | null> {
  // made under another name and linked, so that the lock's own path never exists without a listener behind it
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`;
  const made = await bind(own, poked);
  if (made === null) return null;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (linked(own, path)) {
      const release = async () => {
        rmSync(path, { force: true });
        await made.release();
      };
      rmSync(own, { force: true });
      return { release };
    }
    if (await reach(path)) break;
    bury(path, `${own}.dead`);
  }
  await made.release();
  return null;
}

const digest = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 40);
const abstractAddress = (name: string): string => `\0slipway-${digest(name)}`;

function socketFile(name: string): string {
  const folder = join(tmpdir(), `slipway-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, digest(name).slice(0, 24));
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function bury(path: string, grave: string): void {
  try {
    renameSync(path, grave);
    rmSync(grave, { force: true });
  } catch {
    // another contender was quicker
  }
}

function bind(address: string, poked: () => void): Promise<Lock | null> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.destroy();
      poked();
    });
    server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => resolve({ release: () => new Promise((done) => server.close(() => done())) }));
  });
}

function reach(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (held: boolean) => {
      socket.destroy();
      resolve(held);
    };
    socket.setTimeout(2000, () => end(true));
    socket.on('connect', () => end(true));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'EAGAIN'));
  });
}
