import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { LogFile } from './log-file.ts';
import { isFree, ownerOf } from './port-owner.ts';
import { killGroup, markOf, signal } from './processes.ts';
import type { InstanceRecord, ProcessMark } from './record.ts';

/** How a process came to its end; `message` is for people. */
export interface Exit {
  readonly code: number | null;
  readonly message: string;
}

/** The process of an instance, in a group of its own, with its output in the log. */
export interface Workload {
  readonly mark: ProcessMark | null;
  /** Settles once the process is gone, what is left of its group killed, and its output written. */
  readonly ended: Promise<Exit>;
  /** Asks it to stop, and kills the whole group when it has not after the grace period. */
  stop(): Promise<Exit>;
}

/** Why this instance cannot start now, in words; `null` when nothing is in its way. */
export async function obstacle(record: InstanceRecord): Promise<string | null> {
  if (!isFolder(record.directory)) {
    const what = record.launch.artifact === null ? 'its folder' : `artifact ${record.launch.artifact}`;
    return `${what} is not there: no folder ${record.directory}`;
  }
  for (const [name, port] of Object.entries(record.ports)) {
    const protocol = name.split('/')[1] ?? 'tcp';
    if (!(await isFree(port, protocol)))
      return `port ${port} (for container port ${name}) is taken by ${ownerOf(port, protocol)}`;
  }
  return null;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Starts an instance’s process in a group of its own, with its output going to the log. */
export function startWorkload(record: InstanceRecord, log: LogFile): Workload {
  const { launch } = record;
  const [file = '', ...rest] = launch.argv;
  const child = spawn(file, rest, {
    cwd: record.directory,
    env: record.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(launch.user ?? {}),
  });
  const mark = child.pid === undefined ? null : markOf(child.pid);
  const ended = follow(child, file, mark, log);
  const stop = async () => {
    if (child.pid !== undefined) signal(-child.pid, launch.stopSignal as NodeJS.Signals);
    const timer = setTimeout(() => killGroup(mark), launch.stopGraceMs);
    const exit = await ended;
    clearTimeout(timer);
    return exit;
  };
  return { mark, ended, stop };
}

function follow(child: ChildProcess, file: string, mark: ProcessMark | null, log: LogFile): Promise<Exit> {
  const streams = [log.reader(1), log.reader(2)];
  child.stdout?.on('data', (bytes: Buffer) => streams[0]?.feed(bytes));
  child.stderr?.on('data', (bytes: Buffer) => streams[1]?.feed(bytes));
  return new Promise((resolve) => {
    const end = (exit: Exit) => {
      for (const stream of streams) stream.end();
      resolve(exit);
    };
    child.on('error', (error: NodeJS.ErrnoException) => end({ code: null, message: startError(error, file) }));
    child.on('exit', (code, by) => {
      // the group's number is not given away again while a member lives, and the leader was ours until now
      if (mark !== null) signal(-mark.pid, 'SIGKILL');
      const exit = { code, message: code === null ? `ended by ${by}` : `ended with exit code ${code}` };
      const timer = setTimeout(() => end(exit), 1000);
      child.on('close', () => {
        clearTimeout(timer);
        end(exit);
      });
    });
  });
}

function startError(error: NodeJS.ErrnoException, file: string): string {
  if (error.code === 'ENOENT') return `cannot start '${file}': there is no such program`;
  if (error.code === 'EACCES') return `cannot start '${file}': it may not be executed`;
  return `cannot start '${file}': ${error.message}`;
}
