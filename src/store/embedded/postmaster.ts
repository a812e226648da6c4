import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `postmaster.pid` says of the server of a database folder. (PostgreSQL: src/include/utils/pidfile.h) */
export interface PostmasterFile {
  readonly pid: number;
  readonly folder: string;
  readonly port: number;
  /** It lets clients in: `starting` and `stopping` are the other states. */
  readonly ready: boolean;
}

/** Reads `postmaster.pid`; `null` when it is not there, or a server has just begun to write it. */
export async function readPostmaster(cluster: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pid, folder, , port, , , , state] = text.split('\n');
  if (pid === undefined || folder === undefined || !/^\d+$/.test(pid)) return null;
  return {
    pid: Number(pid),
    folder,
    port: Number(port ?? 0),

    ready: state?.trim() === 'ready',
  };
}

/**
 * Whether the process is a server of this database folder. A postmaster's working directory is its database folder, so
 * that a process which has got an old number by chance is told apart. Where there is no /proc, every living process may
 * be it: the caller still asks it by password which folder it serves.
 */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!(await isAlive(pid))) return false;
  if (process.platform !== 'linux') return true;
  return (await workingDirectory(pid)) === cluster;
}

/** `false` for a zombie too: it has ended, only nobody has asked for its exit status. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the last ')': the name in front of it may hold anything.
  return !/\) [ZX] /.test(stat.slice(stat.lastIndexOf(')')));
}

/** Waits until the process has ended. @returns whether it did within the time. */
export async function waitForEnd(pid: number, forMs: number): Promise<boolean> {
  const until = Date.now() + forMs;
  while (await isAlive(pid)) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}

/**
 * Removes a `postmaster.pid` that no server holds, where PostgreSQL itself cannot tell: its number belongs to a zombie,
 * or by now to another process of the same user (after a reboot, in a new container). Only on Linux, and only when no
 * process at all works in the database folder: a backend that outlived its postmaster may still write. Two containers
 * must therefore not share a data folder: they do not see one another's processes.
 */
export async function clearStaleFile(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const file = await readPostmaster(cluster);
  if (file === null || (await isServerOf(file.pid, cluster))) return;
  for (const entry of await readdir('/proc'))
    if (/^\d+$/.test(entry) && (await workingDirectory(Number(entry))) === cluster) return;
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

async function workingDirectory(pid: number): Promise<string | null> {
  return readlink(`/proc/${pid}/cwd`).catch(() => null);
}
