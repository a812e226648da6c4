import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer, type Schema, slipwayClient } from '#client/client.ts';
import { deploymentLog, type ExecLine, events, execInStack, stackLogs } from '#client/streams.ts';
import { pages } from '../../test/docs/markdown.ts';
import { type ApiServer, makeRepository, type Repository, startApiServer } from '../../test/support/api-server.ts';
import { until } from '../../test/support/until.ts';

let server: ApiServer;
let repository: Repository;
let first: string;
const canary = 'canary-5b1f2c';

beforeAll(async () => {
  server = await startApiServer();
  repository = await makeRepository();
  first = await repository.commit({
    'slipway.yaml': slipwayFile,
    'compose.yaml': composeFile,
    'web/main.mjs': program,
    'web/version.txt': 'one',
  });
  const { api } = server;
  await answer(api.POST('/v1/projects', { body: { name: 'shop', sourceUrl: repository.folder } }));
  await answer(
    api.PUT('/v1/projects/{project}/environments/{environment}/variables/{name}', {
      params: { path: { project: 'shop', environment: '*', name: 'PASSWORD' } },
      body: { value: canary },
    }),
  );
});
afterAll(async () => {
  await server.dispose();
  await repository.remove();
});

const of = { params: { path: { project: 'shop' } } };
const stack = { params: { path: { stack: 'shop-prod' } } };
const keyed = (key: string) => ({ params: { ...of.params, header: { 'idempotency-key': key } } });
const raw = async (path: string): Promise<string> =>
  (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } })).text();
const over = (id: number): Promise<Schema<'DeploymentDetail'>> =>
  until(`the end of deployment ${id}`, async () => {
    const found = await answer(server.api.GET('/v1/deployments/{id}', { params: { path: { id } } }));
    return found.over ? found : null;
  });
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('commits are fetched from the source, and what they deploy is said', async () => {
  const { refs, lines } = await answer(
    server.api.POST('/v1/projects/{project}/fetch', { ...of, body: { refs: ['refs/heads/*'] } }),
  );
  expect(refs).toEqual([{ name: 'refs/heads/main', commit: first }]);
  expect(lines.join('\n')).toContain('nothing is deployed');
});

test('a plan says what would change, and no secret', async () => {
  const plan = await answer(
    server.api.POST('/v1/projects/{project}/plan', { ...of, body: { environment: 'prod', commit: 'main' } }),
  );
  expect(plan).toMatchObject({ stack: 'shop-prod', cluster: 'local', commit: first });
  expect(plan.changes.map((change) => `${change.action} ${change.name}`)).toContain('create web');
  expect(JSON.stringify(plan)).not.toContain(canary);
});

test('requests with one key make one deployment, at the same time and later too', async () => {
  const { api } = server;
  const key = randomUUID();
  const body = { environment: 'prod', commit: first };
  const ask = () => answer(api.POST('/v1/projects/{project}/deployments', { ...keyed(key), body }));
  const made = await Promise.all([ask(), ask(), ask(), ask()]);
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  const id = made[0]?.id ?? 0;
  const ended = await over(id);
  expect(ended).toMatchObject({ status: 'succeeded', revision: 1, commit: first, can: { cancel: { allowed: false } } });
  expect(ended.changes.map((change) => change.thing)).toContain('service/web');
  expect((await ask()).id).toBe(id);
  const other = api.POST('/v1/projects/{project}/deployments', { ...keyed(key), body: { ...body, pull: true } });
  await expect(other).rejects.toMatchObject({ code: 'idempotency.mismatch' });
  expect((await answer(api.GET('/v1/deployments'))).items).toHaveLength(1);
});

test('a commit that is not there, and a deployment that is over, are refused', async () => {
  const { api } = server;
  const lost = api.POST('/v1/projects/{project}/deployments', { ...of, body: { environment: 'prod', commit: 'nope' } });
  await expect(lost).rejects.toMatchObject({ code: 'not_found' });
  const cancel = api.POST('/v1/deployments/{id}/cancel', { params: { path: { id: 1 } } });
  await expect(cancel).rejects.toMatchObject({ code: 'conflict' });
});

test('a stack shows its services as they run, with their commit and address', async () => {
  const { items } = await answer(server.api.GET('/v1/stacks'));
  expect(items).toMatchObject([
    {
      name: 'shop-prod',
      reachable: true,
      release: { commit: first },
      can: { rollback: { allowed: false }, remove: { allowed: true } },
      services: [{ name: 'web', wanted: 1, running: 1, healthy: 1, commit: first }],
    },
  ]);
  expect(items[0]?.services[0]?.instances[0]).toMatchObject({ state: 'running', current: true });
});

test("an instance's output is read, secrets masked, and followed until nobody listens", async () => {
  const lines = await collect(stackLogs(server.api, 'shop-prod', { tail: 50 }, AbortSignal.timeout(10_000)));
  expect(lines.map((line) => line.text)).toEqual(expect.arrayContaining(['version one', 'password ••••••']));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const line of stackLogs(server.api, 'shop-prod', { follow: true, service: 'web' }, stop.signal)) {
    seen.push(line.text);
    if (line.text.startsWith('tick')) break;
  }
  stop.abort();
  expect(seen.at(-1)).toMatch(/^tick/);
});

const upperCase =
  "process.stdin.on('data', (d) => process.stdout.write(String(d).toUpperCase())).on('end', () => process.exit(3))";
const asBytes = (text: string) => ({ base64: Buffer.from(text).toString('base64') });

test('a command runs beside an instance, both ways as it comes, and last comes its exit code', async () => {
  const lines = new PassThrough({ objectMode: true });
  lines.write({ service: 'web', command: ['node', '-e', upperCase] });
  lines.write(asBytes('hello'));
  const outputs = [];
  for await (const output of execInStack(server.api, 'shop-prod', lines, AbortSignal.timeout(10_000))) {
    outputs.push(output);
    // what it answers is read before it is told more
    if (outputs.length === 1) lines.write(asBytes('again'));
    if (outputs.length === 2) lines.end();
  }
  const stdout = { stream: 'stdout' };
  expect(outputs).toEqual([{ ...stdout, ...asBytes('HELLO') }, { ...stdout, ...asBytes('AGAIN') }, { exitCode: 3 }]);
});

test.each([
  ['no service', { command: ['ls'] }, 'input.invalid', /service/],
  ['nothing to run', { service: 'web', command: [] }, 'input.invalid', /command/],
  ['no request', undefined, 'input.invalid', /service/],
  ['a service that is not there', { service: 'nobody', command: ['ls'] }, 'engine.no_instance', /nobody/],
  ['no such program', { service: 'web', command: ['no-such-thing'] }, 'engine.refused', /no-such-thing/],
])('a command with %s is refused before anything runs', async (_, request, code, message) => {
  const lines = (async function* () {
    if (request !== undefined) yield request as ExecLine;
  })();
  const run = collect(execInStack(server.api, 'shop-prod', lines, AbortSignal.timeout(10_000)));
  await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('who has no token that is known runs nothing', async () => {
  const api = slipwayClient({ url: server.url, token: 'wrong' });
  const lines = (async function* () {
    yield { service: 'web', command: ['node', '-v'] };
  })();
  const run = collect(execInStack(api, 'shop-prod', lines, AbortSignal.timeout(10_000)));
  await expect(run).rejects.toMatchObject({ code: 'auth.required' });
});

test('a command whose input makes no sense ends with the reason', async () => {
  const lines = (async function* () {
    yield { service: 'web', command: ['node', '-e', upperCase] };
    yield { base64: 'no base64!' };
  })();
  const run = collect(execInStack(server.api, 'shop-prod', lines, AbortSignal.timeout(10_000)));
  await expect(run).rejects.toMatchObject({ code: 'input.invalid' });
});

test('a command ends when the one who asked goes away', async () => {
  const script = 'console.log(process.pid); setInterval(() => undefined, 1000)';
  const gone = new AbortController();
  const lines = (async function* () {
    yield { service: 'web', command: ['node', '-e', script] };
  })();
  let pid = 0;
  const run = (async () => {
    for await (const output of execInStack(server.api, 'shop-prod', lines, gone.signal)) {
      if ('base64' in output) pid = Number(Buffer.from(output.base64, 'base64').toString());
      gone.abort();
    }
  })();
  await expect(run).rejects.toThrow();
  expect(pid).toBeGreaterThan(0);
  await until('the end of the command', async () => !existsSync(`/proc/${pid}`));
});

test('the output of a build is kept and read again', async () => {
  const lines = await collect(deploymentLog(server.api, 1, { follow: true }, AbortSignal.timeout(10_000)));
  expect(lines.map((line) => line.service)).toContain('web');
  expect(JSON.stringify(lines)).not.toContain(canary);
});

test('events come live as CloudEvents, and go on after the last one that was seen', async () => {
  const stop = new AbortController();
  const seen: Schema<'CloudEvent'>[] = [];
  for await (const event of events(server.api, { after: 0, deployment: 1 }, stop.signal)) {
    seen.push(event);
    if (event.type === 'deployment.succeeded') break;
  }
  const types = seen.map((event) => event.type);
  expect(types[0]).toBe('deployment.queued');
  expect(types).toEqual(expect.arrayContaining(['deployment.planned', 'deployment.changed']));
  const middle = seen.at(3)?.sequence ?? '';
  const rest = [];
  for await (const event of events(server.api, { after: Number(middle), deployment: 1 }, stop.signal)) {
    rest.push(event.type);
    if (event.type === 'deployment.succeeded') break;
  }
  stop.abort();
  expect(rest).toEqual(types.slice(4));
  const page = await answer(server.api.GET('/v1/events', { params: { query: { limit: 2, stack: 'shop-prod' } } }));
  expect(page).toMatchObject({ items: [{ specversion: '1.0' }, { specversion: '1.0' }], next: expect.any(String) });
});

test('a second release can be taken back, once for a key', async () => {
  const { api } = server;
  const second = await repository.commit({ 'web/version.txt': 'two' });
  await answer(api.POST('/v1/projects/{project}/fetch', { ...of, body: {} }));
  const asked = await answer(
    api.POST('/v1/projects/{project}/deployments', { ...of, body: { environment: 'prod', commit: second } }),
  );
  expect(await over(asked.id)).toMatchObject({ status: 'succeeded', revision: 2 });
  const rollback = () =>
    answer(
      api.POST('/v1/stacks/{stack}/rollback', {
        params: { ...stack.params, header: { 'idempotency-key': 'back-1' } },
        body: {},
      }),
    );
  const back = await rollback();
  expect(await over(back.id)).toMatchObject({ kind: 'rollback', status: 'succeeded' });
  // what a rollback without a key would mean by now is something else
  expect((await rollback()).id).toBe(back.id);
  const detail = await answer(api.GET('/v1/stacks/{stack}', stack));
  expect(detail.services[0]?.commit).toBe(first);
  expect(detail.revisions.map((revision) => revision.commit)).toEqual([first, second, first]);
});

test('a secret that was changed is shown in no plan, neither as it was nor as it is', async () => {
  const { api } = server;
  await answer(
    api.PUT('/v1/projects/{project}/environments/{environment}/variables/{name}', {
      params: { path: { project: 'shop', environment: '*', name: 'PASSWORD' } },
      body: { value: 'another-canary' },
    }),
  );
  const body = { environment: 'prod', commit: first };
  const plan = await answer(api.POST('/v1/projects/{project}/plan', { ...of, body }));
  const fields = plan.changes.flatMap((change) => change.fields.map((field) => field.path));
  expect(fields).toContain('environment.PASSWORD');
  expect(JSON.stringify(plan)).not.toMatch(/canary/);
});

test('no secret is in any answer', async () => {
  const paths = [
    '/v1/deployments',
    '/v1/deployments/1',
    '/v1/deployments/1/log',
    '/v1/builds',
    '/v1/builds/1',
    '/v1/builds/1/log',
    '/v1/projects/shop/releases',
    '/v1/releases/1',
    '/v1/stacks',
    '/v1/stacks/shop-prod',
    '/v1/stacks/shop-prod/logs',
    '/v1/events?limit=500',
  ];
  for (const path of paths) {
    const text = await raw(path);
    expect(text.length, path).toBeGreaterThan(2);
    expect(text, path).not.toMatch(/canary/);
  }
});

test('the requests of docs/api.md are answered', async () => {
  const answers: string[] = [];
  const blocks = pages().flatMap((page) => page.blocks);
  for (const { text } of blocks.filter((block) => block.info === 'http')) {
    const [head = '', ...rest] = text
      .replaceAll('shop-production', 'shop-prod')
      .replace('"production"', '"prod"')
      .split('\n\n');
    const [line = '', ...headers] = head.split('\n');
    const [method = '', path = ''] = line.split(' ');
    const said = headers.map((header): [string, string] => [header.split(': ')[0] ?? '', header.split(': ')[1] ?? '']);
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: [['authorization', `Bearer ${server.token}`], ...said],
      body: rest.join('\n\n'),
    });
    answers.push(`${answer.status} ${(await answer.text()).trim()}`);
  }
  expect(answers).toEqual([
    expect.stringMatching(/^202 \{"id":\d+/),
    '200 {"stream":"stdout","base64":"SEVMTE8K"}\n{"exitCode":0}',
  ]);
  await over(Number(/"id":(\d+)/.exec(answers[0] ?? '')?.[1]));
});

test('a removed stack is gone, and removing it again with the same key says the same', async () => {
  const { api } = server;
  const remove = () =>
    answer(
      api.DELETE('/v1/stacks/{stack}', {
        params: { ...stack.params, header: { 'idempotency-key': 'gone-1' }, query: { volumes: true } },
      }),
    );
  const removal = await remove();
  expect(await over(removal.id)).toMatchObject({ kind: 'remove', status: 'succeeded' });
  expect((await remove()).id).toBe(removal.id);
  await expect(api.GET('/v1/stacks/{stack}', stack)).rejects.toMatchObject({ code: 'not_found' });
});

test('a server that is told to stop answers first, and stops, whoever listens', async () => {
  const listening = fetch(`${server.url}/v1/events`, {
    headers: { authorization: `Bearer ${server.token}`, accept: 'text/event-stream' },
  });
  expect((await listening).status).toBe(200);
  const ended = (await listening).text().catch(() => 'cut');
  await answer(server.api.POST('/v1/shutdown', { body: { all: true } }));
  await server.stopped;
  await ended;
  await expect(server.api.GET('/v1/status')).rejects.toMatchObject({ code: 'server.unreachable' });
});

const slipwayFile = `project: shop
environments:
  prod:
    deployOn: { branch: release }
    cluster: local
    deploy: { deadline: 30s, stability: 200ms, failures: 2 }
`;

const composeFile = `services:
  web:
    build: web
    expose: ["3000"]
    environment: { PASSWORD: "\${PASSWORD}" }
    stop_grace_period: 1s
    x-slipway: { test: /test, info: /info, local: { command: [node, main.mjs], health: /healthz } }
`;

const program = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
console.log('version ' + readFileSync('version.txt', 'utf8').trim());
console.log('password ' + process.env.PASSWORD);
const answers = {
  '/healthz': 'ok',
  '/info': JSON.stringify({ commitHash: process.env.SLIPWAY_COMMIT }),
  '/test': JSON.stringify({ tests: { passed: 1, failed: 0, skipped: 0 } }),
};
createServer((request, response) => response.end(answers[request.url] ?? '')).listen(Number(process.env.PORT), '127.0.0.1');
setInterval(() => console.log('tick', Date.now()), 200);
process.on('SIGTERM', () => process.exit(0));
`;
