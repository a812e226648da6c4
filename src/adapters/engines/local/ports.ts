import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import { takeLock } from './lock.ts';
import { isFree } from './port-owner.ts';
import { readJson, writeJson } from './record.ts';

/** Ports are given out below the range from which systems take theirs for outgoing connections (32768 on Linux). */
const range = { from: 20_000, to: 30_000 } as const;

type Allocations = Readonly<Record<string, number>>;

/** Ports of this machine for instances: the same key has the same port until it is released, and no two keys share one. */
export interface Ports {
  /** @throws SlipwayError `engine.refused` when no port is left. */
  allocate(keys: readonly string[], signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /** Gives back the ports of all keys that begin so. */
  release(prefix: string, signal: AbortSignal): Promise<void>;
}

/** Gives out ports, each once: what is given out is kept in the data folder. */
export function portsIn(dataDirectory: string): Ports {
  const file = join(dataDirectory, 'ports.json');
  const read = (): Allocations => readJson<Allocations>(file) ?? {};
  const change = (signal: AbortSignal, next: (now: Allocations) => Promise<Allocations>) =>
    withLock(`ports ${dataDirectory}`, signal, async () => writeJson(file, await next(read())));
  return {
    async allocate(keys, signal) {
      if (keys.some((key) => read()[key] === undefined))
        await change(signal, (now) => withPorts(now, keys, startOf(dataDirectory)));
      const now = read();
      return Object.fromEntries(keys.map((key) => [key, now[key] ?? 0]));
    },
    async release(prefix, signal) {
      const isOurs = (key: string) => key.startsWith(prefix);
      if (!Object.keys(read()).some(isOurs)) return;
      await change(signal, async (now) => Object.fromEntries(Object.entries(now).filter(([key]) => !isOurs(key))));
    },
  };
}

/** Runs `work` while this process alone holds the lock; waits for it until `signal`. */
export async function withLock<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const lock = await takeLock(name);
    if (lock !== null) {
      try {
        return await work();
      } finally {
        await lock.release();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Two data folders on one machine begin at different places, and so rarely meet. */
const startOf = (dataDirectory: string): number =>
  createHash('sha256').update(dataDirectory).digest().readUInt16BE(0) % (range.to - range.from);

async function withPorts(now: Allocations, keys: readonly string[], start: number): Promise<Allocations> {
  const all: Record<string, number> = { ...now };
  const taken = new Set(Object.values(all));
  for (const key of keys) {
    if (all[key] !== undefined) continue;
    const port = await freePort(taken, start, key.endsWith('/udp') ? 'udp' : 'tcp');
    taken.add(port);
    all[key] = port;
  }
  return all;
}

async function freePort(taken: ReadonlySet<number>, start: number, protocol: string): Promise<number> {
  const size = range.to - range.from;
  for (let step = 0; step < size; step++) {
    const port = range.from + ((start + step) % size);
    if (!taken.has(port) && (await isFree(port, protocol))) return port;
  }
  throw new SlipwayError(
    'engine.refused',
    `no port from ${range.from} to ${range.to - 1} is free on this machine`,
    'remove stacks that are no longer needed',
  );
}
