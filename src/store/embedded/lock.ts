import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '#domain/errors.ts';

/** Held by the one Slipway that works on a data folder. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Takes a data folder for this process: a listening socket whose name is the folder's device and inode, so that every
 * path to it is the same lock. The kernel drops it with the process, however that ends; nobody ever has to clear it.
 * The socket answers with its owner's process number. On Linux the name is abstract and leaves no file.
 * @throws SlipwayError `data.locked` naming the process that has it.
 */
export async function lockData(directory: string): Promise<DataLock> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const name = `slipway-data-${dev}-${ino}`;
  const abstract = process.platform === 'linux';
  const path = abstract
    ? `\0${name}`
    : join(tmpdir(), `${createHash('sha256').update(name).digest('hex').slice(0, 24)}`);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const server = await listen(path);
    if (server !== null) return { release: () => close(server) };
    const owner = await ask(path);
    if (owner !== null) throw locked(directory, owner);
    // Nobody answers: the owner has just ended. Where sockets are files, its file is left.
    if (!abstract) await rm(path, { force: true });
    await sleep(50);
  }
  throw locked(directory, 'that does not answer');
}

function locked(directory: string, owner: string): SlipwayError {
  return new SlipwayError(
    'data.locked',
    `the data folder ${directory} is in use by another Slipway, process ${owner}`,
    'use that one, stop it with `slipway down`, or give another folder with --data',
  );
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(`${process.pid}\n`);
    });
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** The owner's process number; `null` when nobody is there. An owner that is busy for 2 s still is one. */
function ask(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    socket.setTimeout(2_000, () => {
      socket.destroy();
      resolve('that does not answer');
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(null));
    socket.on('end', () => resolve(/^\d+/.exec(text)?.[0] ?? null));
  });
}
