import { spawn } from 'node:child_process';
import { SlipwayError } from '#domain/errors.ts';
import { endGroup } from '../../end-group.ts';
import { gitEnvironment } from './config.ts';

export interface GitOptions {
  readonly signal?: AbortSignal;
  /** Default two minutes. */
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer, not an error. Default none but 0. */
  readonly expect?: readonly number[];
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git with these arguments. @throws GitFailure, SlipwayError `source.git_missing`, `source.timeout`, `disk.full` */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitResult>;

/** git ended with a code that nobody expected. Those who asked word it: they know what was meant. */
export class GitFailure extends Error {
  readonly stderr: string;

  constructor(command: string, code: number | null, stderr: string) {
    super(`git ${command} ended with ${code ?? 'a signal'}: ${stderr.trim().slice(-2000)}`);
    this.name = 'GitFailure';
    this.stderr = stderr;
  }
}

/** A git that reads only `configFile`. */
export function gitRunner(configFile: string): Git {
  return (args, options = {}) => run(configFile, args, options);
}

function run(configFile: string, args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { signal, timeoutMs = 120_000, environment = {}, expect = [] } = options;
  const command = args.find((arg) => /^[a-z-]+$/.test(arg) && !arg.startsWith('-')) ?? '';
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const child = spawn('git', args, {
      env: { ...gitEnvironment(configFile), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // a group of its own, so that ssh and git-remote-https end with it
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let stopped: unknown;
    const stop = (why: unknown) => {
      stopped ??= why;
      endGroup(child);
    };
    const onAbort = () => stop(signal?.reason);
    const timer = setTimeout(() => stop(tooLong(command, timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (act: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    };
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => settle(() => reject(missing(error))));
    child.on('close', (code) =>
      settle(() => {
        const stderr = Buffer.concat(err).toString('utf8');
        if (stopped !== undefined) return reject(stopped);
        if (code === 0 || (code !== null && expect.includes(code)))
          return resolve({ code, stdout: Buffer.concat(out), stderr });
        reject(failure(command, code, stderr));
      }),
    );
  });
}

function tooLong(command: string, timeoutMs: number): SlipwayError {
  return new SlipwayError('source.timeout', `git ${command} did not end within ${Math.round(timeoutMs / 1000)} s`);
}

function missing(error: Error): Error {
  if (!('code' in error) || error.code !== 'ENOENT') return error;
  return new SlipwayError(
    'source.git_missing',
    'git is not installed on this machine',
    'install git 2.31 or newer',
    error,
  );
}

function failure(command: string, code: number | null, stderr: string): Error {
  const cause = new GitFailure(command, code, stderr);
  if (!/No space left on device|Disk quota exceeded/i.test(stderr)) return cause;
  return new SlipwayError('disk.full', `the disk is full: git ${command} could not write`, 'free some space', cause);
}
