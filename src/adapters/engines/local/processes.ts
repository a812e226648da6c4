import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessMark } from './record.ts';

/** A running process by number and start time; `null` when there is none (a zombie counts as none). */
export function markOf(pid: number): ProcessMark | null {
  const start = process.platform === 'linux' ? linuxStart(pid) : otherStart(pid);
  return start === null ? null : { pid, start };
}

/** Does this very process still run? */
export function runs(mark: ProcessMark | null): boolean {
  return mark !== null && markOf(mark.pid)?.start === mark.start;
}

/** Kills, at once, what is left of a process and its group, if it is still the same. */
export function killGroup(mark: ProcessMark | null): void {
  if (mark === null || !runs(mark)) return;
  signal(-mark.pid, 'SIGKILL');
  signal(mark.pid, 'SIGKILL');
}

/** Sends a signal; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/**
 * Kills every process that carries one of these variables in the environment it was started with, and waits until none is
 * left. That finds what a killed supervisor left behind, children that made a session of their own included.
 * Linux only (/proc); elsewhere `last`, the recorded process, is all that is known.
 */
export async function sweep(variables: readonly string[], last: ProcessMark | null): Promise<void> {
  for (let round = 0; round < 500; round++) {
    const left = process.platform === 'linux' ? carriers(variables) : [];
    for (const pid of left) signal(pid, 'SIGKILL');
    if (runs(last)) killGroup(last);
    else if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`processes with ${variables.join(', ')} do not end`);
}

/** Running processes, other than this one, with one of `NAME=value` in their first environment. */
export function carriers(variables: readonly string[]): readonly number[] {
  const wanted = variables.map((variable) => `\0${variable}\0`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      const environment = `\0${readOr(`/proc/${name}/environ`, '')}`;
      return wanted.some((text) => environment.includes(text)) && linuxStart(Number(name)) !== null;
    })
    .map(Number);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return otherwise;
  }
}

/** Field 22 of /proc/PID/stat: ticks since boot. The name in field 2 may hold spaces and brackets. */
function linuxStart(pid: number): string | null {
  const fields = readOr(`/proc/${pid}/stat`, '').split(') ').at(-1)?.split(' ') ?? [];
  const [state, start] = [fields[0], fields[19]];
  return start === undefined || state === 'Z' || state === 'X' ? null : start;
}

function otherStart(pid: number): string | null {
  try {
    const argv = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const text = execFileSync('ps', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [state, ...start] = text.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : start.join(' ');
  } catch {
    return null;
  }
}
