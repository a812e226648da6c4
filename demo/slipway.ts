import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { within } from '#adapters/within.ts';
import { type SlipwayClient, slipwayClient } from '#client/client.ts';
import { messageOf } from '#domain/errors.ts';
import { Trouble } from './trouble.ts';

/** A Slipway that runs for the demo. */
export interface RunningSlipway {
  readonly url: string;
  readonly token: string;
  readonly api: SlipwayClient;
  /** It still runs. */
  isUp(): boolean;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
/** The command line from its source, so that nothing must be built first. */
const slipway = ['--import', 'tsx', join(root, 'src/cli/main.ts')];
const started = z.object({ url: z.string() });
const startMs = 180_000;
const stopMs = 150_000;

export const dataOf = (folder: string): string => join(folder, 'data');
export const logOf = (folder: string): string => join(folder, 'slipway.log');

/**
 * Starts `slipway up` with all its data in the folder, and returns once it answers.
 * @param ending aborted, with the reason, should it end by itself later
 * @throws Trouble with what it said
 */
export async function startSlipway(folder: string, ending: AbortController): Promise<RunningSlipway> {
  const argv = [...slipway, 'up', '--json', '--port', '0', '--data', dataOf(folder)];
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: ownEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // a group of its own: Ctrl-C on the terminal is for the demo, which then stops it in order
    detached: true,
  });
  const log = logTo(child, logOf(folder));
  const late = (): Trouble => new Trouble(`Slipway did not answer within ${startMs / 1000} s: ${log.last()}`);
  const url = await within(ending.signal, { ms: startMs, late }, () => addressOf(child, log));
  child.once('exit', () => ending.abort(new Trouble(`Slipway has ended: ${log.last()}`)));
  const token = (await readFile(join(dataOf(folder), 'token'), 'utf8')).trim();
  return {
    url,
    token,
    api: slipwayClient({ url, token }),
    isUp: () => child.exitCode === null && child.signalCode === null,
  };
}

/** Stops whatever runs on the folder: server, database and local instances, also where the server was killed. @throws Trouble */
export async function stopSlipway(folder: string): Promise<void> {
  const argv = [...slipway, 'down', '--all', '--data', dataOf(folder)];
  await run(process.execPath, argv, { cwd: root, env: ownEnvironment(), timeout: stopMs }).catch((thrown: unknown) => {
    const said = z.object({ stderr: z.string() }).safeParse(thrown);
    throw new Trouble(`slipway down: ${(said.success && said.data.stderr.trim()) || messageOf(thrown)}`);
  });
}

/** Without what this shell is set to for another Slipway, or for another database. */
const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SLIPWAY_') && name !== 'DATABASE_URL'),
  );

/** The address that it says once it answers. */
async function addressOf(child: ChildProcess, log: { last(): string }): Promise<string> {
  if (child.stdout === null) throw new Trouble('Slipway was started without an output');
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) => String(text));
  const end = once(child, 'exit').then(() => null);
  // the one that comes second is of no interest
  for (const one of [line, end]) one.catch(() => undefined);
  const said = await Promise.race([line, end]);
  if (said === null) throw new Trouble(`Slipway did not start: ${log.last()}`);
  return started.parse(JSON.parse(said)).url;
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
