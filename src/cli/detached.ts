import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '#domain/errors.ts';
import { type LocalServer, readServerFile } from './access.ts';
import { isUp } from './server-file.ts';

/** The embedded database is unpacked and made at the first start. */
const startWithinMs = 90_000;

interface DetachedOptions {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Starts this program again as a server of its own session, and waits until it answers.
 * @throws SlipwayError `server.unreachable` with the last of its log where it ends, or does not answer in time
 */
export async function startDetached({ dataFolder, host, port }: DetachedOptions): Promise<LocalServer> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o711 });
  const logFile = join(dataFolder, 'server.log');
  const log = openSync(logFile, 'a', 0o600);
  const from = statSync(logFile).size;
  const argv = ['up', '--data', dataFolder, '--host', host, '--port', String(port)];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...argv], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: dataFolder,
  });
  closeSync(log);
  let ended: number | null = null;
  child.on('exit', (code) => {
    ended = code ?? 1;
  });
  child.on('error', () => {
    ended = 1;
  });
  const deadline = Date.now() + startWithinMs;
  for (; ended === null && Date.now() < deadline; await sleep(50)) {
    const server = readServerFile(dataFolder);
    if (server === null || server.pid !== child.pid || !(await isUp(server.url))) continue;
    child.unref();
    return server;
  }
  if (ended === null) child.kill('SIGTERM');
  throw notStarted(readFileSync(logFile, 'utf8').slice(from), logFile, ended);
}

/** What the server said of itself is the error; the log's name is what to read where it said nothing. */
function notStarted(said: string, logFile: string, ended: number | null): SlipwayError {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const error = lines.findLast((line) => line.startsWith('error: '))?.slice('error: '.length);
  const why =
    error ?? (ended === null ? `it did not answer within ${startWithinMs / 1000} s` : lines.slice(-3).join('; '));
  const hint = lines.findLast((line) => line.startsWith('  try: '))?.slice('  try: '.length);
  return new SlipwayError('server.unreachable', `the server did not start: ${why}`, hint ?? `see ${logFile}`);
}
