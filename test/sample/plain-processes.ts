import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse } from 'yaml';

/** What this test reads of a service in the sample's Compose file. */
interface SampleService {
  readonly build?: string;
  readonly depends_on?: Record<string, unknown>;
  readonly environment?: Record<string, string>;
  readonly 'x-slipway': {
    readonly environment?: Record<string, string>;
    readonly local: {
      readonly directory?: string;
      readonly install?: readonly string[];
      readonly command: readonly string[];
    };
  };
}

export interface Sample {
  /** Where each service answers: `127.0.0.1:port`. */
  readonly address: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Starts a service anew at its address. */
  start(service: string): Promise<void>;
  /** Starts one more instance; its address. */
  startAnother(service: string): Promise<string>;
  kill(service: string): Promise<void>;
  stopOne(service: string): Promise<number | null>;
  /** Ends all with SIGTERM, the last started first; each service's exit code. */
  stop(): Promise<Record<string, number | null>>;
}

const SOURCE = join(import.meta.dirname, '../../samples/marketplace');
/** The exit code by which the sample's cache says that no Redis-compatible server can be had. */
const NO_SERVER = 69;
const READY_MS = 60_000;
const run = promisify(execFile);

/** A copy of the sample with everything installed; `undefined`: this machine has no Redis-compatible server. */
export async function installSample(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-sample-'));
  cpSync(SOURCE, folder, {
    recursive: true,
    filter: (path) => !/node_modules|[/]server([.]next)?$|[/]data$/.test(path),
  });
  // PostgreSQL runs as another user when we are root.
  await run('chmod', ['755', folder]);
  for (const [name, service] of Object.entries(servicesOf(folder))) {
    const [program, ...args] = service['x-slipway'].local.install ?? [];
    if (!program) continue;
    try {
      await run(program, args, { cwd: join(folder, directoryOf(name, service)), env: withoutNpm(process.env) });
    } catch (error) {
      if ((error as { code?: unknown }).code !== NO_SERVER) throw error;
      return undefined;
    }
  }
  return folder;
}

/** `npm test` hands its own settings (log level, prefix, registry of the outer package) to what it starts; an install is nobody's child. */
const withoutNpm = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(own).filter(([key]) => !/^(npm_(?!config_(registry|cache)$)|NODE_ENV$)/i.test(key)),
  );

/** Starts the services as processes, each when those it depends on are ready. `commit`: what they answer at /info. */
export async function startSample(folder: string, commit: string): Promise<Sample> {
  const services = servicesOf(folder);
  const address: Record<string, string> = {};
  for (const name of Object.keys(services)) address[name] = `127.0.0.1:${await freePort()}`;
  const running = new Map<string, ChildProcess>();
  const start = async (name: string, at = address[name] ?? '', key = name) => {
    const service = services[name];
    if (!service) throw new Error(`${name} is not in the Compose file`);
    const child = startOne(folder, name, service, { ...address, [name]: at }, commit);
    running.set(key, child);
    await untilReady(name, service, at, child);
  };
  const startAnother = async (name: string) => {
    const at = `127.0.0.1:${await freePort()}`;
    await start(name, at, `${name} at ${at}`);
    return at;
  };
  const kill = async (name: string) => {
    const child = running.get(name);
    const exit = child && once(child, 'exit');
    child?.kill('SIGKILL');
    await exit;
  };
  const stopOne = async (name: string) => {
    const child = running.get(name);
    return child ? ended(child) : null;
  };
  const stop = async () => {
    const codes: Record<string, number | null> = {};
    for (const name of [...running.keys()].reverse()) codes[name] = await stopOne(name);
    return codes;
  };
  try {
    for (const name of startOrder(services)) await start(name);
    return { address, folder, start, startAnother, kill, stopOne, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startOne(
  folder: string,
  name: string,
  service: SampleService,
  address: Record<string, string>,
  commit: string,
) {
  const [program = '', ...args] = service['x-slipway'].local.command;
  const volume = join(folder, 'volumes/db-data');
  mkdirSync(volume, { recursive: true });
  const child = spawn(program, args, {
    cwd: join(folder, directoryOf(name, service)),
    env: {
      PATH: process.env.PATH,
      ...withDefaults(service.environment ?? {}),
      ...Object.fromEntries(
        Object.entries(service['x-slipway'].environment ?? {}).map(([key, text]) => [key, resolved(text, address)]),
      ),
      PORT: address[name]?.split(':')[1],
      SLIPWAY_COMMIT: commit,
      SLIPWAY_VOLUME_DB_DATA: volume,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

async function untilReady(name: string, service: SampleService, address: string, child: ChildProcess) {
  const deadline = Date.now() + READY_MS;
  const probe = service.build ? `http://${address}/healthz` : undefined;
  while (Date.now() < deadline && child.exitCode === null) {
    const ready = probe
      ? await fetch(probe).then(
          (answer) => answer.ok,
          () => false,
        )
      : await accepts(address);
    if (ready) return;
    await sleep(50);
  }
  throw new Error(`${name} is not ready: exit code ${child.exitCode}`);
}

async function accepts(address: string): Promise<boolean> {
  // An open port says enough: whoever depends on the store tries again until it answers.
  return fetch(`http://${address}`).then(
    () => true,
    (error: { cause?: { code?: string } }) => error.cause?.code !== 'ECONNREFUSED',
  );
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  return child.exitCode;
}

export function removeSample(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function servicesOf(folder: string): Record<string, SampleService> {
  return parse(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { merge: true }).services;
}

const directoryOf = (name: string, { build, ...service }: SampleService) =>
  service['x-slipway'].local.directory ?? build ?? name;

function startOrder(services: Record<string, SampleService>): string[] {
  const order: string[] = [];
  const visit = (name: string) => {
    for (const dependency of Object.keys(services[name]?.depends_on ?? {})) visit(dependency);
    if (!order.includes(name)) order.push(name);
  };
  Object.keys(services).forEach(visit);
  return order;
}

/** `${X:-y}` is y here: the test gives no variables of its own. */
const withDefaults = (environment: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(environment).map(([key, text]) => [key, text.replace(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );

const resolved = (text: string, address: Record<string, string>) =>
  text.replace(/\{service\.(\w+)(?:\.(host|port))?\}/g, (_, name: string, part?: string) => {
    const [host = '', port = ''] = (address[name] ?? '').split(':');
    return part === 'host' ? host : part === 'port' ? port : `${host}:${port}`;
  });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
