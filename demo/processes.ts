import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Trouble } from './trouble.ts';

const run = promisify(execFile);
const endMs = 15_000;

interface Process {
  readonly pid: number;
  readonly command: string;
}

/**
 * Waits until no process works in a folder any more. What does not end is killed.
 * @throws Trouble naming what had to be killed
 */
export async function expectNoProcessIn(folder: string): Promise<void> {
  for (const deadline = Date.now() + endMs; ; await sleep(100)) {
    const left = await processesIn(folder);
    if (left.length === 0) return;
    if (Date.now() < deadline) continue;
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    throw new Trouble(
      `still running, and killed now: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`,
    );
  }
}

/** Processes whose command line or working directory names the folder; this one and its parents do not count. */
async function processesIn(folder: string): Promise<readonly Process[]> {
  const all = process.platform === 'linux' ? await fromProc(folder) : await fromPs(folder);
  return all.filter(({ pid }) => pid !== process.pid && pid !== process.ppid);
}

async function fromProc(folder: string): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<Process | null> => {
      // one that has just ended, or is another user's, cannot be read: neither is ours, or root reads it
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return command !== '' && (isIn(folder, command) || isIn(folder, cwd)) ? { pid: Number(pid), command } : null;
    }),
  );
  return found.filter((one) => one !== null);
}

async function fromPs(folder: string): Promise<readonly Process[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,command=']);
  return stdout
    .split('\n')
    .filter((line) => isIn(folder, line))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, '') }));
}

const isIn = (folder: string, text: string): boolean => text.includes(`${folder}/`) || text.endsWith(folder);
