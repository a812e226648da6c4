import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFinal } from '#domain/deployment.ts';
import { Secret } from '#domain/secret.ts';
import { saveChannel } from '#store/channels.ts';
import { saveCluster } from '#store/clusters.ts';
import { openStore, type Store } from '#store/database.ts';
import { type Deployment, getDeployment, listDeployments } from '#store/deployments.ts';
import { layoutOf } from '#store/embedded/initialise.ts';
import { readPostmaster } from '#store/embedded/postmaster.ts';
import { stopEmbedded } from '#store/embedded/server.ts';
import { loadKey } from '#store/sealing.ts';
import { builtServer } from './built-server.ts';
import { until } from './until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** What a server that did not start said. */
export class StartRefused extends Error {
  readonly code: string;
  constructor(told: { readonly code: string; readonly message: string }) {
    super(told.message);
    this.code = told.code;
  }
}

/** A PostgreSQL that is not the server's own: as the server reaches it, and as the test does. */
export interface OwnDatabase {
  readonly url: string;
  readonly direct: string;
}

/** A server with a data folder of its own, as a process that tests kill and start again; its instances live on. */
export class Slipway {
  readonly data: string;
  /** `null`: the embedded one. */
  readonly database: OwnDatabase | null;
  #child: ChildProcess | undefined;
  #url = '';
  #store: Store | undefined;
  #log = '';
  #answers: ((line: string) => void)[] = [];

  private constructor(data: string, database: OwnDatabase | null = null) {
    this.data = data;
    this.database = database;
  }

  /** A new data folder; nothing runs yet. */
  static async prepare(database: OwnDatabase | null = null): Promise<Slipway> {
    return new Slipway(await mkdtemp(join(tmpdir(), 'slipway-test-')), database);
  }

  /** Another server on a folder that there is. */
  static on(data: string): Slipway {
    return new Slipway(data);
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Slipway> {
    const slipway = await Slipway.prepare();
    await slipway.run(env);
    return slipway;
  }

  get url(): string {
    return this.#url;
  }

  /** Everything the server wrote to its error output, over all its lives. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The database, read directly: what the server says of itself is not the only witness. */
  async store(): Promise<Store> {
    this.#store ??= await this.#openStore();
    return this.#store;
  }

  async #openStore(): Promise<Store> {
    if (this.database !== null) return openStore({ url: this.database.direct, key: await loadKey(this.data) });
    const layout = layoutOf(this.data);
    const password = (await readFile(layout.password, 'utf8')).trim();
    const file = await until('the database', () => readPostmaster(layout.cluster));
    const url = `postgres://slipway:${encodeURIComponent(password)}@127.0.0.1:${file.port}/slipway`;
    return openStore({ url, key: await loadKey(this.data) });
  }

  async token(): Promise<string> {
    return (await readFile(join(this.data, 'token'), 'utf8')).trim();
  }

  /** Starts the process in a group of its own, and returns once it answers. @throws StartRefused with what it said */
  async run(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = spawn(process.execPath, [await builtServer()], {
      cwd: root,
      env: { ...process.env, SLIPWAY_TEST_DATA: this.data, ...this.#databaseEnv(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (bytes: Buffer) => {
      this.#log += bytes.toString();
    });
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.#answers.shift()?.(line));
    const said = await Promise.race([this.#answer(), once(child, 'exit').then(() => '{}')]);
    const told = JSON.parse(said) as { ready?: string; error?: { code: string; message: string } };
    if (told.error) throw new StartRefused(told.error);
    if (told.ready === undefined) throw new Error(`the server ended while it started:\n${this.#log}`);
    this.#url = told.ready;
  }

  #databaseEnv(): Readonly<Record<string, string>> {
    return this.database === null ? {} : { SLIPWAY_TEST_DATABASE: this.database.url };
  }

  #answer(): Promise<string> {
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  async #tell(order: unknown): Promise<string> {
    const answer = this.#answer();
    this.#child?.stdin?.write(`${JSON.stringify(order)}\n`);
    return answer;
  }

  /** The server dies as it passes `point`. */
  async arm(point: string): Promise<void> {
    await this.#tell({ arm: point });
  }

  /** Writes every point that it passes from now on to `file`. */
  async record(file: string): Promise<void> {
    await this.#tell({ record: file });
  }

  /** It neither dies nor writes at any point any more. */
  async disarm(): Promise<void> {
    await this.#tell({});
  }

  /** SIGKILL to the server alone: the database and the instances live on. */
  async kill(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Resolves when the process has ended by itself. */
  async ended(limitMs = 60_000): Promise<void> {
    await until('the end of the server', async () => !this.isRunning, limitMs, 10);
  }

  async addSwarm(name: string, socketPath: string, registry: string | null = null): Promise<void> {
    const store = await this.store();
    await store.transaction((tx) =>
      saveCluster(tx, store.key, { name, engine: 'swarm', settings: { socketPath, registry }, credential: null }),
    );
  }

  async addChannel(name: string, url: string): Promise<void> {
    const store = await this.store();
    await store.transaction((tx) => saveChannel(tx, store.key, { name, kind: 'slack', url: new Secret(url) }));
  }

  /** The newest deployment of a stack, with a number above `after`. */
  async newest(stack: string, after = 0): Promise<number> {
    const store = await this.store();
    return until(`a deployment of ${stack}`, async () => {
      const [found] = await listDeployments(store.db, { stack }, { limit: 1 });
      return found && found.id > after ? found.id : null;
    });
  }

  /** Asks the API. @returns the status and the body. */
  async api(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers,
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  }

  /** Stops it as a person would, the database too; instances go on. */
  async stop(): Promise<void> {
    if (!this.isRunning || !this.#child) return;
    // the database comes back at another port
    await this.#store?.close();
    this.#store = undefined;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.write(`${JSON.stringify({ stop: { all: false } })}\n`);
    await ended;
  }

  /** A deployment once it is over. */
  async over(id: number, limitMs = 180_000): Promise<Deployment> {
    const store = await this.store();
    const look = async () => {
      const deployment = await getDeployment(store.db, id);
      return isFinal(deployment.status) ? deployment : null;
    };
    return until(`the end of deployment ${id}`, look, limitMs).catch(async (thrown: unknown) => {
      const { status } = await getDeployment(store.db, id);
      throw new Error(`deployment ${id} is still ${status}\n${this.#log.slice(-4000)}`, { cause: thrown });
    });
  }

  /** Stops everything, local instances and database too, and removes the folder. */
  async dispose(): Promise<void> {
    await this.#store?.close();
    if (this.isRunning && this.#child) {
      const ended = once(this.#child, 'exit');
      this.#child.stdin?.write(`${JSON.stringify({ stop: { all: true } })}\n`);
      const timer = setTimeout(() => this.#child?.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(timer);
    }
    await stopEmbedded({ directory: this.data });
    await rm(this.data, { recursive: true, force: true, maxRetries: 5 });
  }
}
