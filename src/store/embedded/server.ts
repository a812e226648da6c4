import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { isTransient } from '../failures.ts';
import { type Binaries, prepareBinaries } from './binaries.ts';
import { databaseName, ensureCluster, type Layout, layoutOf, makeHome, serverEnv } from './initialise.ts';
import { clearStaleFile, isAlive, isServerOf, readPostmaster, waitForEnd } from './postmaster.ts';
import { databaseUser, letPass, type SystemUser } from './system-user.ts';

/** The embedded PostgreSQL. It outlives Slipway, and is found again by the next start. */
export interface EmbeddedServer {
  /** Stays the same while this object lives, over restarts of the server too. */
  readonly url: string;
  /** Of the postmaster, as it is now. */
  readonly pid: number;
  /** Stops looking after it; the server itself goes on, for the next Slipway. */
  release(): void;
  /** Stops the server cleanly, and waits for its end. */
  stop(): Promise<void>;
}

const startWithinMs = 60_000;

/** All that it takes to start this folder's server, again and again. */
interface Recipe {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: SystemUser;
  readonly password: string;
}

/**
 * Starts the PostgreSQL of a data folder, makes it first where there is none, or takes over the one that a killed
 * Slipway left running. It listens on a free port of 127.0.0.1, by password. (A socket in the folder would do, but DBOS
 * takes its EPIPE and ENOENT for final while the server is away: a kill ended the process.) A server that ends by itself
 * is started again.
 * Call it holding the folder's lock (lock.ts).
 * @throws SlipwayError `store.unavailable` with the server's last words, `data.unreachable`, `data.damaged`, `disk.full`.
 */
export async function startEmbedded(options: { readonly directory: string }): Promise<EmbeddedServer> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const directory = await realpath(options.directory);
  const layout = layoutOf(directory);
  const user = await databaseUser(layout.home);
  await letPass(directory, user);
  const binaries = await prepareBinaries(directory, user);
  await makeHome(layout, user);
  const password = await ensureCluster(layout, binaries, user);
  const recipe: Recipe = { layout, binaries, user, password };
  const first = await attach(recipe, await freePort());
  await ensureDatabase(recipe, first.port);
  return new Supervisor(recipe, first);
}

/**
 * Stops the server of a data folder that nobody looks after: for `slipway down` after Slipway itself was killed.
 * @returns whether one ran.
 */
export async function stopEmbedded(options: { readonly directory: string }): Promise<boolean> {
  const directory = await realpath(options.directory).catch(() => null);
  if (directory === null) return false;
  const { cluster } = layoutOf(directory);
  const file = await readPostmaster(cluster);
  if (file === null || !(await isServerOf(file.pid, cluster))) return false;
  await stopPostmaster(file.pid, cluster);
  return true;
}

class Supervisor implements EmbeddedServer {
  readonly url: string;
  readonly #recipe: Recipe;
  readonly #port: number;
  #pid: number;
  #over = false;
  #restarting: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(recipe: Recipe, running: Running) {
    this.#recipe = recipe;
    this.#port = running.port;
    this.#pid = running.pid;
    this.url = urlOf(running.port, recipe.password, databaseName);
    this.#timer = setInterval(() => {
      this.#look();
    }, 500);
    this.#timer.unref();
  }

  get pid(): number {
    return this.#pid;
  }

  release(): void {
    this.#over = true;
    clearInterval(this.#timer);
  }

  async stop(): Promise<void> {
    this.release();
    await this.#restarting;
    await stopPostmaster(this.#pid, this.#recipe.layout.cluster);
  }

  #busy = false;
  #look(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#restarting = this.#bringBack().finally(() => {
      this.#busy = false;
    });
  }

  /** A start that fails is tried again at the next look: the disk may be full for a while. */
  async #bringBack(): Promise<void> {
    if (this.#over || (await isAlive(this.#pid))) return;
    try {
      this.#pid = (await attach(this.#recipe, this.#port)).pid;
    } catch {
      // Callers of the store are told `store.unavailable`; the reason is in the server's log.
    }
  }
}

interface Running {
  readonly pid: number;
  readonly port: number;
}

/** Finds the folder's server running, or starts it, and returns once it answers. */
async function attach(recipe: Recipe, port: number): Promise<Running> {
  const { cluster } = recipe.layout;
  const until = Date.now() + startWithinMs;
  let why = '';
  while (Date.now() < until) {
    const file = await readPostmaster(cluster);
    if (file !== null && (await isServerOf(file.pid, cluster))) {
      const found = file.port === 0 ? port : file.port;
      if (await answers(recipe, found, file.pid, until)) return { pid: file.pid, port: found };
      why = 'it ended while it was starting';
      continue;
    }
    await clearStaleFile(cluster);
    const result = await launch(recipe, port, until);
    if ('pid' in result) return { pid: result.pid, port };
    why = result.failed;
    if (!mayPass(why)) break;
    await sleep(200);
  }
  if (/No space left on device/.test(why))
    throw new SlipwayError('disk.full', `the database could not start: ${why}`, `free space on ${recipe.layout.home}`);
  throw new SlipwayError('store.unavailable', `the database could not start: ${why}`, `see ${recipe.layout.log}`);
}

/**
 * Words of a start that goes well in a moment: the one before has not ended wholly (a zombie keeps its number, a
 * backend its shared memory), or another process starts it at this moment.
 */
const mayPass = (why: string): boolean =>
  /lock file "[^"]*" (already exists|is empty)|pre-existing shared memory|is another postmaster|could not bind|it ended while/i.test(
    why,
  );

async function launch(
  recipe: Recipe,
  port: number,
  until: number,
): Promise<{ readonly pid: number } | { readonly failed: string }> {
  const { layout, binaries, user } = recipe;
  const before = await rotateLog(layout, user);
  const log = await open(layout.log, 'a', 0o600);
  const root = process.getuid?.() === 0;
  const child = spawn(binaries.postgres, serverArguments(layout, port), {
    ...(root ? { uid: user.uid, gid: user.gid } : {}),
    cwd: layout.home,
    env: serverEnv(),
    // A session of its own: it outlives Slipway, and Ctrl-C in the terminal does not reach it.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = endOf(child);
  try {
    child.unref();
    const pid = child.pid;
    if (pid === undefined) return { failed: await ended };
    const ready = answers(recipe, port, pid, until);
    const end = await Promise.race([ended, ready.then((is) => (is ? null : 'it did not answer'))]);
    return end === null ? { pid } : { failed: await lastLines(layout.log, before, end) };
  } finally {
    await log.close();
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
}

/** Small and quiet; durability is PostgreSQL's own default (fsync, full page writes) and is not touched. */
function serverArguments(layout: Layout, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '100',
    shared_buffers: '64MB',
    // Fewer wake-ups and processes on an idle machine.
    max_parallel_workers: '2',
    io_method: 'sync',
    log_line_prefix: '%m [%p] ',
  };
  return ['-D', layout.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${databaseName}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Waits until the server lets us in and says that it serves this folder; `false` when it ends, or time is up. */
async function answers(recipe: Recipe, port: number, pid: number, until: number): Promise<boolean> {
  while (Date.now() < until) {
    const file = await readPostmaster(recipe.layout.cluster);
    const said = file?.pid === pid && file.ready ? await servedFolder(recipe, port) : null;
    if (said === recipe.layout.cluster) return true;
    if (said !== null)
      throw new SlipwayError('store.unavailable', `another database, of ${said}, answers at port ${port}`);
    if (!(await isAlive(pid))) return false;
    await sleep(15);
  }
  return false;
}

async function servedFolder(recipe: Recipe, port: number): Promise<string | null> {
  const client = clientFor(recipe, port, 'postgres');
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
    return rows[0]?.folder ?? null;
  } catch (thrown) {
    if (isTransient(thrown)) return null;
    throw new SlipwayError(
      'data.damaged',
      `the database does not let Slipway in: ${messageOf(thrown)}`,
      `check ${recipe.layout.password}`,
      thrown,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function clientFor(recipe: Recipe, port: number, database: string): pg.Client {
  const connectionString = urlOf(port, recipe.password, database);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  return client;
}

async function ensureDatabase(recipe: Recipe, port: number): Promise<void> {
  const client = clientFor(recipe, port, 'postgres');
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

/** Fast shutdown (SIGINT), and after 30 s the immediate one (SIGQUIT), which loses nothing committed either. */
async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  for (const [signal, forMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!(await isServerOf(pid, cluster))) return;
    process.kill(pid, signal);
    if (await waitForEnd(pid, forMs)) return;
  }
  throw new SlipwayError('store.unavailable', `the database (process ${pid}) does not end`, `see ${cluster}`);
}

const largestLogBytes = 10_000_000;

/** One old log is kept. @returns the length of the present one. */
async function rotateLog(layout: Layout, user: SystemUser): Promise<number> {
  const size = await stat(layout.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > largestLogBytes) await rename(layout.log, `${layout.log}.1`);
  const file = await open(layout.log, 'a', 0o600);
  await file.close();
  if (process.getuid?.() === 0) await chown(layout.log, user.uid, user.gid);
  return size > largestLogBytes ? 0 : size;
}

async function lastLines(log: string, from: number, otherwise: string): Promise<string> {
  const bytes = await readFile(log).catch(() => Buffer.alloc(0));
  const lines = bytes.subarray(from).toString('utf8').trim().split('\n').slice(-5);
  const words = lines.map((line) => line.replace(/^\S+ \S+ \S+ \[\d+\] /, '')).join(' ');
  return words === '' ? otherwise : words;
}
