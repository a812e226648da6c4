import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalServer, readServerFile } from './access.ts';

/** Says where the server of a data folder is, for the command line on this machine. It holds no secret. */
export function writeServerFile(dataFolder: string, server: LocalServer): void {
  const file = join(dataFolder, 'server.json');
  writeFileSync(`${file}.${process.pid}.new`, `${JSON.stringify(server)}\n`, { mode: 0o644 });
  renameSync(`${file}.${process.pid}.new`, file);
}

/** Takes the file away, unless another server has written its own. */
export function removeServerFile(dataFolder: string, pid: number): void {
  if (readServerFile(dataFolder)?.pid === pid) rmSync(join(dataFolder, 'server.json'), { force: true });
}

/** Whether the server answers now. */
export async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Whether a process of this number is there, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
