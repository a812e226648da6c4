import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gitSources } from './git-sources.ts';
import { type GitHttpOutcome, gitHttpBackend } from './http-backend.ts';
import { installReceiveHook, type ReceivedPush } from './receive-hook.ts';

const base = mkdtempSync(join(tmpdir(), 'slipway-http-'));
const sources = gitSources({ directory: join(base, 'data') });
const work = join(base, 'work');
const zeros = '0'.repeat(40);

let pushes: (ReceivedPush & { authorization: string | undefined })[] = [];
let outcomes: (GitHttpOutcome | undefined)[] = [];
let answer: (res: ServerResponse) => void;
let mayPush = true;
let hooks = '';
let url = '';

const server = createServer((req, res) => {
  const [, project = '', path = ''] = /^\/git\/([^/]+)\.git(\/[^?]*)/.exec(req.url ?? '') ?? [];
  if (req.url === '/hook') void receive(req, res);
  else void serve(project, path, req, res);
});

async function receive(req: IncomingMessage, res: ServerResponse) {
  pushes.push({ ...JSON.parse(await text(req)), authorization: req.headers.authorization });
  answer(res);
}

async function serve(project: string, path: string, req: IncomingMessage, res: ServerResponse) {
  const hook = { url: `${url}/hook`, secret: 's3cret', timeoutMs: 1000 };
  const { configFile } = sources;
  const repository = sources.repository(project);
  const asked = { repository, project, path, user: 'ann', configFile, hooks, hook, mayPush };
  outcomes.push(await gitHttpBackend(asked, req, res));
}

/** git in the working copy; gives back what it said, and its exit code. */
function git(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH, HOME: base, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=a@example.com'];
  return new Promise((resolve) => {
    execFile('git', ['-C', work, ...identity, ...args], { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${stdout}${stderr}` }),
    );
  });
}

/** Makes an object and gives back its id. */
function made(args: readonly string[], input: string): string {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=a@example.com'];
  return execFileSync('git', ['-C', work, ...identity, ...args], { input })
    .toString()
    .trim();
}

const head = async () => (await git('rev-parse', 'HEAD')).said.trim();
const remote = async () => Object.fromEntries((await sources.refs('shop')).map(({ name, commit }) => [name, commit]));

async function commit(message: string): Promise<string> {
  await git('commit', '-q', '--allow-empty', '-m', message);
  return head();
}

beforeAll(async () => {
  hooks = await installReceiveHook(join(base, 'hooks'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await sources.create('shop');
  await sources.refs('shop');
  mkdirSync(work);
  await git('init', '-q', '-b', 'main');
  await git('remote', 'add', 'slipway', `${url}/git/shop.git`);
  await commit('first');
});
beforeEach(() => {
  pushes = [];
  outcomes = [];
  mayPush = true;
  answer = (res) => res.end('main → staging: deployment 1\n');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(base, { recursive: true, force: true });
});

test('a push reaches the repository, the server hears of it once, and its answer is what git prints', async () => {
  const { code, said } = await git('push', 'slipway', 'main');
  expect(said).toContain('remote: main → staging: deployment 1');
  expect(code).toBe(0);
  expect(pushes).toEqual([
    {
      project: 'shop',
      updates: [{ old: zeros, new: await head(), ref: 'refs/heads/main' }],
      authorization: 'Bearer s3cret',
    },
  ]);
  expect(await remote()).toEqual({ 'refs/heads/main': await head() });
  expect(outcomes.at(-1)).toEqual({ service: 'receive-pack', advertised: false, complete: true });
});

test('several branches and a tag in one push are one message', async () => {
  await commit('several');
  await git('tag', '-a', '-m', 'tag', 'v1');
  const { code } = await git('push', 'slipway', 'main:master', 'main:feature/a', 'v1');
  expect(code).toBe(0);
  const refs = pushes.flatMap(({ updates }) => updates.map(({ ref }) => ref));
  expect([pushes.length, refs.sort()]).toEqual([1, ['refs/heads/feature/a', 'refs/heads/master', 'refs/tags/v1']]);
  expect(await remote()).toMatchObject({ 'refs/tags/v1': await head(), 'refs/heads/feature/a': await head() });
});

test('a forced push moves the branch, a deleted one is gone, the first branch too', async () => {
  await git('push', '-q', 'slipway', 'main');
  await git('commit', '-q', '--amend', '--allow-empty', '-m', 'amended');
  expect((await git('push', 'slipway', 'main')).code).not.toBe(0);
  expect((await git('push', '--force', 'slipway', 'main')).code).toBe(0);
  expect(await remote()).toMatchObject({ 'refs/heads/main': await head() });
  const { code } = await git('push', 'slipway', ':main', ':feature/a', ':v1');
  expect(code).toBe(0);
  expect(pushes.at(-1)?.updates.map(({ new: id }) => id)).toEqual([zeros, zeros, zeros]);
  expect(Object.keys(await remote())).toEqual(['refs/heads/master']);
});

test('HEAD can be pushed for a deployment without a branch, under its own id only', async () => {
  const id = await commit('no branch');
  expect((await git('push', 'slipway', `HEAD:refs/slipway/commits/${id}`)).code).toBe(0);
  expect(await sources.resolve('shop', id)).toMatchObject({ id });
  const wrong = await git('push', 'slipway', `HEAD:refs/slipway/commits/${'a'.repeat(40)}`);
  expect(wrong.said).toContain('remote rejected');
  const gone = await git('push', 'slipway', `:refs/slipway/commits/${id}`);
  expect(gone.said).toContain('remote rejected');
});

test('a ref that is neither branch nor tag is refused, and the others of the push pass', async () => {
  const { said } = await git('push', 'slipway', 'HEAD:refs/notes/x', 'HEAD:refs/heads/fine');
  expect(said).toMatch(/remote: Slipway takes branches and tags; refs\/notes\/x is neither/);
  expect(await remote()).toMatchObject({ 'refs/heads/fine': await head() });
  expect(pushes[0]?.updates.map(({ ref }) => ref)).toEqual(['refs/heads/fine']);
});

test.each([
  ['does not answer', () => {}, /remote: Slipway did not answer in time\. The push is kept/],
  ['hangs up', (res: ServerResponse) => res.destroy(), /remote: Slipway did not answer\. The push is kept/],
  ['fails', (res: ServerResponse) => res.writeHead(500).end(), /remote: Slipway answered 500\. The push is kept/],
  [
    'stops in the middle',
    (res: ServerResponse) => res.write('building web\n', () => res.destroy()),
    /remote: building web\s+remote: Slipway stopped answering/,
  ],
])('when the server %s the push stands, and says so', async (_, how, expected) => {
  answer = how;
  const id = await commit('unheard');
  const { code, said } = await git('push', 'slipway', 'main');
  expect(said).toMatch(expected);
  expect(code).toBe(0);
  expect(await remote()).toMatchObject({ 'refs/heads/main': id });
});

test('what the server answers reaches a terminal without control characters', async () => {
  answer = (res) => res.end('a\x1b[31mb\n');
  await commit('colours');
  expect((await git('push', 'slipway', 'main')).said).toContain('remote: a[31mb');
});

test('hooks and settings in the pushed files or the repository do nothing', async () => {
  const canary = join(base, 'canary');
  const script = `#!/bin/sh\ntouch ${canary}\n`;
  const repository = sources.repository('shop');
  mkdirSync(join(repository, 'hooks'), { recursive: true });
  for (const name of ['pre-receive', 'post-update', 'reference-transaction'])
    writeFileSync(join(repository, 'hooks', name), script, { mode: 0o755 });
  await commit('hooks');
  expect((await git('push', 'slipway', 'main')).code).toBe(0);
  rmSync(join(repository, 'hooks'), { recursive: true });
  expect(readdirSync(base)).not.toContain('canary');
});

test('a clone and a fetch give what was pushed, without the refs that Slipway keeps for itself', async () => {
  const { code } = await git('clone', '-q', '-b', 'main', `${url}/git/shop.git`, join(base, 'clone'));
  expect(code).toBe(0);
  const { said } = await git('ls-remote', `${url}/git/shop.git`);
  expect(said).toContain('refs/heads/main');
  expect(said).not.toContain('refs/slipway');
});

test('who may not push is told so, and may still fetch', async () => {
  mayPush = false;
  await commit('not allowed');
  expect((await git('push', 'slipway', 'main')).said).toContain('403');
  expect((await git('ls-remote', 'slipway')).code).toBe(0);
});

test.each([
  ['GET', '/HEAD'],
  ['GET', '/objects/info/packs'],
  ['GET', '/info/refs'],
  ['GET', '/info/refs?service=git-upload-archive'],
  ['GET', '/git-receive-pack'],
  ['POST', '/git-upload-archive'],
  ['POST', '/../../etc/passwd'],
])('%s %s is none of the two services', async (method, path) => {
  const sent = request(`${url}/git/shop.git${path}`, { method, path: `/git/shop.git${path}` }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  expect(response.statusCode).toBe(404);
});

test('a body in gzip and in chunks is understood', async () => {
  const id = (await remote())['refs/heads/main'];
  const line = (data: string) => (data.length + 4).toString(16).padStart(4, '0') + data;
  const body = `${line(`want ${id} no-progress\n`)}0000${line('done\n')}`;
  const headers = { 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip' };
  const sent = request(`${url}/git/shop.git/git-upload-pack`, { method: 'POST', headers });
  const zipped = gzipSync(body);
  sent.write(zipped.subarray(0, 10));
  sent.end(zipped.subarray(10));
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  expect(response.statusCode).toBe(200);
  expect(Buffer.concat(chunks).toString('latin1')).toContain('PACK');
});

test('a client that leaves in the middle of a push ends git and leaves nothing behind', async () => {
  const before = await remote();
  const headers = { 'content-type': 'application/x-git-receive-pack-request' };
  const sent = request(`${url}/git/shop.git/git-receive-pack`, { method: 'POST', headers });
  sent.on('error', () => {});
  const update = `${zeros} ${await head()} refs/heads/cut\0 report-status`;
  sent.write(`${(update.length + 4).toString(16).padStart(4, '0')}${update}0000PACK`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  sent.destroy();
  await expect.poll(() => outcomes.length, { timeout: 5000 }).toBe(1);
  expect(outcomes[0]).toMatchObject({ complete: false });
  expect(await remote()).toEqual(before);
  const objects = readdirSync(join(sources.repository('shop'), 'objects'));
  expect(objects.filter((name) => name.startsWith('incoming') || name.startsWith('tmp'))).toEqual([]);
});

test.each([
  ['a folder named .git', ['040000 tree T\t.git']],
  ['a name that leads out', ['100644 blob B\t..']],
  ['a symlink and a folder of one name', ['120000 blob B\ta', '040000 tree T\ta']],
])('a commit with %s is refused by push and by fetch', async (_, lines) => {
  const blob = made(['hash-object', '-w', '--stdin'], base);
  const tree = made(['mktree'], `100644 blob ${blob}\tconfig\n`);
  const entries = lines.map((line) => `${line.replace(' B', ` ${blob}`).replace(' T', ` ${tree}`)}\n`).join('');
  const id = made(['commit-tree', '-m', 'evil', made(['mktree'], entries)], '');
  const { code, said } = await git('push', 'slipway', `${id}:refs/heads/evil`);
  expect([code, said]).toEqual([1, expect.stringContaining('remote rejected')]);
  await git('update-ref', 'refs/heads/evil', id);
  const { signal } = new AbortController();
  await expect(sources.fetch('shop', work, ['refs/heads/evil'], signal)).rejects.toMatchObject({
    code: 'source.refused',
  });
  expect(await remote()).not.toHaveProperty('refs/heads/evil');
});

test('100 MB in one push arrive', async () => {
  writeFileSync(join(work, 'large'), randomBytes(100 * 1024 * 1024));
  await git('add', 'large');
  await git('-c', 'core.compression=0', 'commit', '-q', '-m', 'large');
  const before = process.memoryUsage().rss;
  expect((await git('-c', 'core.compression=0', 'push', 'slipway', 'main')).code).toBe(0);
  expect(await remote()).toMatchObject({ 'refs/heads/main': await head() });
  // streamed: the server's memory does not hold the push
  expect(process.memoryUsage().rss - before).toBeLessThan(90 * 1024 * 1024);
});
