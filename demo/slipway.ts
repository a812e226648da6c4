import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type SlipwayClient, slipwayClient } from '#client/client.ts';
import { Trouble } from './trouble.ts';

/** A Slipway that runs for the demo. */
export interface RunningSlipway {
  readonly url: string;
  readonly token: string;
  readonly data: string;
  readonly api: SlipwayClient;
  /** Aborted when the server ends by itself, with what it said last. */
  readonly lost: AbortSignal;
  /** Stops it with its local instances and its database. @throws Trouble when it does not end in time; then it is killed. */
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('./server-process.ts', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const said = z.object({ url: z.string().optional(), error: z.string().optional() });
const startMs = 90_000;
const stopMs = 90_000;

/** Starts Slipway with its data in `folder/data` and its log in `folder/slipway.log`. @throws Trouble */
export async function startSlipway(folder: string, signal: AbortSignal): Promise<RunningSlipway> {
  const data = join(folder, 'data');
  await mkdir(folder, { recursive: true });
  const child = spawn(process.execPath, ['--import', 'tsx', program, data], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    // a group of its own: the Ctrl-C of the terminal is the demo's alone
    detached: true,
  });
  const log = logTo(child, join(folder, 'slipway.log'));
  const lost = new AbortController();
  const stop = stopper(child);
  try {
    const url = await firstWord(child, log, signal);
    child.once('exit', () => lost.abort(new Trouble(`Slipway has ended: ${log.last()}`)));
    const token = (await readFile(join(data, 'token'), 'utf8')).trim();
    return { url, token, data, api: slipwayClient({ url, token }), lost: lost.signal, stop };
  } catch (thrown) {
    await stop().catch(() => undefined);
    throw thrown;
  }
}

/** The address that it says, once it answers. */
async function firstWord(child: ChildProcess, log: { last(): string }, signal: AbortSignal): Promise<string> {
  if (!child.stdout) throw new Trouble('Slipway could not be started');
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(startMs)]);
  const lines = createInterface({ input: child.stdout });
  const word = once(lines, 'line', { signal: bounded }).then(([line]) => said.parse(JSON.parse(String(line))));
  const end = once(child, 'exit', { signal: bounded }).then(() => ({ url: undefined, error: log.last() }));
  // whichever comes second is of no interest
  end.catch(() => undefined);
  word.catch(() => undefined);
  const { url, error } = await Promise.race([word, end]).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw new Trouble(`Slipway did not answer within ${startMs / 1000} s: ${log.last()}`, '', thrown);
  });
  if (url !== undefined) return url;
  throw new Trouble(`Slipway did not start: ${error ?? log.last()}`);
}

function logTo(child: ChildProcess, path: string): { last(): string } {
  const file = createWriteStream(path, { flags: 'a' });
  let tail = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    file.write(bytes);
    tail = (tail + bytes.toString()).slice(-2000);
  });
  child.once('exit', () => file.end());
  // a full disk must not end the demo by an event that nobody hears
  file.on('error', () => undefined);
  return { last: () => tail.trim().split('\n').slice(-5).join('\n') || 'it said nothing' };
}

function stopper(child: ChildProcess): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  child.stdin?.on('error', () => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(stopMs) });
    child.stdin?.end();
    await ended.catch(() => {
      child.kill('SIGKILL');
      throw new Trouble(`Slipway did not stop within ${stopMs / 1000} s, and was killed`);
    });
  };
  return () => {
    stopping ??= stop();
    return stopping;
  };
}
