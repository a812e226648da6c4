import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Slipway } from './slipway.ts';

const run = promisify(execFile);

/** How a service of the shop behaves, as a file in its folder says. */
export interface Behaviour {
  readonly test?: 'pass' | 'fail' | 'empty' | 'hang';
  /** `false`: it never becomes healthy. */
  readonly healthy?: boolean;
  /** Ends with exit code 7, right after it has said why. */
  readonly crash?: boolean;
  /** The commit that /info answers, in place of the true one. */
  readonly info?: string;
  /** So long it is unhealthy at first. */
  readonly startMs?: number;
  /** `healthy`, `crash` and `startMs` hold for the live stack only (local engine). */
  readonly onlyLive?: boolean;
  /** How long GET /test takes. */
  readonly testMs?: number;
}

export const services = ['api', 'jobs', 'web'] as const;
/** What settings.txt, a config of `api`, holds at first. */
export const firstSettings = 'first\n';

export type Service = (typeof services)[number];

/** A small project of three services: `web` waits for `api`, `api` has a volume and a config, `jobs` stands alone. */
export interface Shop {
  readonly name: string;
  readonly folder: string;
  /** What every instance writes a line to as it starts (local engine). */
  readonly starts: string;
  write(path: string, content: string): Promise<void>;
  behave(service: Service, behaviour: Behaviour): Promise<void>;
  /** Commits all that changed. @returns the commit. */
  commit(message: string): Promise<string>;
  /** @returns what git printed: the server's word on the push. @throws what git failed with */
  push(slipway: Slipway, ref?: string): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export interface ShopOptions {
  readonly cluster: string;
  readonly name?: string;
  readonly deadline?: string;
  readonly stability?: string;
  /** More lines of slipway.yaml. */
  readonly settings?: string;
}

export async function makeShop(options: ShopOptions): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-shop-'));
  const name = options.name ?? `shop${randomUUID().slice(0, 6)}`;
  const starts = join(folder, '..', `${name}-starts-${randomUUID().slice(0, 8)}.log`);
  const git = async (...args: readonly string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'core.hooksPath=/dev/null'];
    const { stdout, stderr } = await run('git', [...identity, ...args], { cwd: folder, env: gitEnv });
    return stdout + stderr;
  };
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const behave = (service: Service, behaviour: Behaviour): Promise<void> =>
    write(`${service}/behaviour.json`, `${JSON.stringify(behaviour)}\n`);
  await git('init', '-q', '-b', 'main');
  await write('slipway.yaml', slipwayFile(name, options));
  await write('compose.yaml', composeFile(starts));
  await write('settings.txt', firstSettings);
  for (const service of services) {
    await write(`${service}/main.mjs`, serviceProgram);
    await write(`${service}/Dockerfile`, 'FROM node:20-slim\nCOPY . /app\nWORKDIR /app\nCMD ["node", "main.mjs"]\n');
    await behave(service, {});
  }
  return {
    name,
    folder,
    starts,
    git,
    write,
    behave,
    commit: async (message) => {
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    push: async (slipway, ref = 'main') => {
      const header = `http.extraHeader=Authorization: Basic ${Buffer.from(`t:${await slipway.token()}`).toString('base64')}`;
      return git('-c', header, 'push', `${slipway.url}/git/${name}.git`, ref);
    },
    remove: async () => {
      await rm(folder, { recursive: true, force: true });
      await rm(starts, { force: true });
    },
  };
}

const gitEnv = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

const slipwayFile = (name: string, options: ShopOptions): string => `project: ${name}
environments:
  prod:
    deployOn: { branch: main }
    cluster: ${options.cluster}
    deploy: { deadline: ${options.deadline ?? '30s'}, stability: ${options.stability ?? '300ms'}, failures: 2 }
notify:
  - { on: ["tests.*", deployment.succeeded, deployment.failed, deployment.rolled-back], to: ops }
${options.settings ?? ''}`;

/** In a container health is a file: a check that starts Node takes a quarter of a second of a core, each time. */
const composeFile = (starts: string): string => `x-healthy: &healthy
  test: [CMD, test, -e, /tmp/healthy]
  interval: 1500ms
  timeout: 15s
  retries: 5
x-base: &base
  expose: ["3000"]
  environment: { STARTS: "${starts}" }
  healthcheck: *healthy
  stop_grace_period: 2s
  x-slipway: { test: /test, info: /info, local: { command: [node, main.mjs], health: /healthz } }
services:
  api:
    <<: *base
    build: api
    volumes: ["data:/data"]
    configs: [settings]
  jobs:
    <<: *base
    build: jobs
  web:
    <<: *base
    build: web
    depends_on: { api: { condition: service_healthy } }
volumes: { data: {} }
configs: { settings: { file: settings.txt } }
`;

const serviceProgram = `import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
let is = JSON.parse(readFileSync('behaviour.json', 'utf8'));
const { STARTS = '', SLIPWAY_INSTANCE = 'container', SLIPWAY_COMMIT = null, PORT = '3000' } = process.env;
if (STARTS !== '' && existsSync(dirname(STARTS))) appendFileSync(STARTS, JSON.stringify({ at: Date.now(), pid: process.pid, instance: SLIPWAY_INSTANCE, commit: SLIPWAY_COMMIT }) + '\\n');
console.log('starting', SLIPWAY_COMMIT);
if (is.onlyLive && /-t\\d+-\\d+-[0-9a-f]{4}\\//.test(SLIPWAY_INSTANCE)) is = { ...is, startMs: 0, healthy: true, crash: false };
if (is.crash) { console.error('no luck today'); process.exit(7); }
const started = Date.now();
if (!process.env.SLIPWAY_INSTANCE && is.healthy !== false) setTimeout(() => writeFileSync('/tmp/healthy', ''), is.startMs ?? 0);
const answers = {
  '/healthz': () => [is.healthy === false || Date.now() - started < (is.startMs ?? 0) ? 503 : 200, 'ok'],
  '/info': () => [200, JSON.stringify({ commitHash: is.info ?? SLIPWAY_COMMIT })],
  '/test': () => [200, is.test === 'empty' ? '{}' : JSON.stringify({ tests: { passed: 3, failed: is.test === 'fail' ? 1 : 0, skipped: 0 }, coverage: 80 })],
};
createServer((request, response) => {
  const answer = answers[request.url];
  const send = () => { const [status, body] = answer ? answer() : [404, '']; response.writeHead(status); response.end(body); };
  if (request.url === '/test' && is.test === 'hang') return;
  setTimeout(send, request.url === '/test' ? is.testMs ?? 0 : 0);
}).listen(Number(PORT), process.env.SLIPWAY_INSTANCE ? '127.0.0.1' : '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
`;
