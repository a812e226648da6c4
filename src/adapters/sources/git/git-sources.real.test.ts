import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitSources } from './git-sources.ts';

const base = mkdtempSync(join(tmpdir(), 'slipway-git-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const upstream = join(base, 'up stream');
const sources = gitSources({ directory: join(base, 'data') });
const never = new AbortController().signal;

function git(...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  return execFileSync('git', ['-C', upstream, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .toString()
    .trim();
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(upstream, path)), { recursive: true });
  writeFileSync(join(upstream, path), content);
}

function commit(message: string): string {
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', message);
  return git('rev-parse', 'HEAD');
}

let first = '';
beforeAll(async () => {
  mkdirSync(upstream);
  git('init', '-q', '-b', 'main');
  write('compose.yaml', 'services: {}\n');
  write('bin/run', '#!/bin/sh\n');
  chmodSync(join(upstream, 'bin/run'), 0o755);
  write('hidden.txt', 'must be there\n');
  write('version.txt', '$Format:%H$\n');
  write('.gitattributes', 'hidden.txt export-ignore\nversion.txt export-subst\n*.txt filter=evil\n');
  write('-option', 'x');
  write('ünï cödé/ä.txt', 'x');
  symlinkSync('/etc/passwd', join(upstream, 'leak'));
  symlinkSync('bin', join(upstream, 'tools'));
  first = commit('Start\n\nwith a body');
  git('tag', '-a', '-m', 'a tag', 'v1');
  git('tag', '-a', '-m', 'a tag of a tag', 'v1-signed', 'v1');
  git('tag', 'light');
  git('tag', 'a-tree', 'HEAD^{tree}');
  await sources.create('shop');
});

test('a path is fetched: branches and tags with the commits they end at', async () => {
  const refs = await sources.fetch('shop', upstream, ['refs/heads/*', 'refs/tags/*'], never);
  const expected = ['refs/heads/main', 'refs/tags/light', 'refs/tags/v1', 'refs/tags/v1-signed'];
  expect(refs).toEqual(expected.map((name) => ({ name, commit: first })));
  expect(await sources.refs('shop')).toEqual(refs);
});

test('a file URL is fetched, and a moved branch follows, forced or not', async () => {
  git('checkout', '-q', '-B', 'forced');
  const before = commit('one');
  const url = `file://${encodeURI(upstream)}`;
  expect(await sources.fetch('shop', url, ['refs/heads/forced'], never)).toEqual([
    { name: 'refs/heads/forced', commit: before },
  ]);
  git('commit', '-q', '--amend', '--allow-empty', '-m', 'other');
  const after = git('rev-parse', 'HEAD');
  expect(await sources.fetch('shop', url, ['refs/heads/f*'], never)).toEqual([
    { name: 'refs/heads/forced', commit: after },
  ]);
  git('checkout', '-q', 'main');
  git('branch', '-D', 'forced');
  expect(await sources.fetch('shop', url, ['refs/heads/*'], never)).toEqual([
    { name: 'refs/heads/main', commit: first },
  ]);
});

test.each(['main', 'refs/heads/main', 'v1', 'v1-signed', 'light'])('%s resolves to its commit', async (revision) => {
  const found = await sources.resolve('shop', revision);
  expect(found).toMatchObject({ id: first, message: 'Start\n\nwith a body', author: 'Ann <ann@example.com>' });
  expect(Math.abs((found?.at ?? 0) - Date.now())).toBeLessThan(10 * 60_000);
});

test('a full and a short id resolve; what does not exist, is no commit or no name, does not', async () => {
  expect(await sources.resolve('shop', first)).toMatchObject({ id: first });
  expect(await sources.resolve('shop', first.slice(0, 8))).toMatchObject({ id: first });
  for (const revision of ['nothing', 'a-tree', 'f'.repeat(40), '--all', 'HEAD:compose.yaml', `${first}^{tree}`])
    expect(await sources.resolve('shop', revision), revision).toBeUndefined();
});

test('a checkout holds every file of the commit as it is, and nothing of the machine takes part', async () => {
  const { path, files } = await sources.checkout('shop', first, never);
  expect(files.map(({ mode, path }) => `${mode} ${path}`)).toEqual([
    '100644 -option',
    '100644 .gitattributes',
    '100755 bin/run',
    '100644 compose.yaml',
    '100644 hidden.txt',
    '120000 leak',
    '120000 tools',
    '100644 version.txt',
    '100644 ünï cödé/ä.txt',
  ]);
  expect(readFileSync(join(path, 'hidden.txt'), 'utf8')).toBe('must be there\n');
  expect(readFileSync(join(path, 'version.txt'), 'utf8')).toBe('$Format:%H$\n');
  expect(lstatSync(join(path, 'bin/run')).mode & 0o111).toBe(0o111);
  expect(readlinkSync(join(path, 'leak'))).toBe('/etc/passwd');
  expect(existsSync(join(path, '.git'))).toBe(false);
  expect(files.find((file) => file.path === 'compose.yaml')?.id).toBe(git('rev-parse', 'HEAD:compose.yaml'));
});

test('ten callers at once and a second server share one checkout', async () => {
  const id = commit('shared');
  await sources.fetch('shop', upstream, ['refs/heads/main'], never);
  const other = gitSources({ directory: join(base, 'data') });
  await other.refs('shop');
  const calls = Array.from({ length: 10 }, (_, i) => (i % 2 ? sources : other).checkout('shop', id, never));
  const paths = new Set((await Promise.all(calls)).map(({ path }) => path));
  expect(paths.size).toBe(1);
  expect(readdirSync(join(base, 'data/checkouts/shop')).sort()).toEqual([first, id].sort());
});

test('what a crash left of a checkout is removed by the next server, which makes it anew', async () => {
  const id = commit('crashed');
  await sources.fetch('shop', upstream, ['refs/heads/main'], never);
  const left = join(base, 'data/checkouts/shop', `${id}.part-123`);
  mkdirSync(join(left, 'tree'), { recursive: true });
  const { path } = await gitSources({ directory: join(base, 'data') }).checkout('shop', id, never);
  expect(existsSync(join(path, 'compose.yaml'))).toBe(true);
  expect(existsSync(left)).toBe(false);
});

test('a commit that was checked out stays when its branch is forced away, until it is no longer kept', async () => {
  const id = commit('to be forgotten');
  await sources.fetch('shop', upstream, ['refs/heads/main'], never);
  const { path } = await sources.checkout('shop', id, never);
  git('reset', '-q', '--hard', 'HEAD~1');
  await sources.fetch('shop', upstream, ['refs/heads/main'], never);
  await sources.tidy('shop', [id, first], never);
  expect(await sources.commit('shop', id)).toMatchObject({ message: 'to be forgotten' });
  expect(existsSync(path)).toBe(true);
  await sources.tidy('shop', [first], never);
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(base, 'data/checkouts/shop'))).toEqual([first]);
  expect(await sources.resolve('shop', 'main')).toBeDefined();
});

test('odd transports and option-like names start nothing', async () => {
  const canary = join(base, 'canary');
  for (const url of [
    `ext::sh -c "touch ${canary}"`,
    `--upload-pack=touch ${canary}`,
    `fd::0`,
    `ssh://-oProxyCommand=touch%20${canary}/x`,
  ])
    await expect(sources.fetch('shop', url, ['refs/heads/main'], never)).rejects.toMatchObject({
      code: 'source.refused',
    });
  await expect(sources.fetch('shop', upstream, [`--upload-pack=touch ${canary}`], never)).rejects.toMatchObject({
    code: 'source.refused',
  });
  await expect(sources.create('../x')).rejects.toMatchObject({ code: 'source.refused' });
  await expect(sources.checkout('shop', '--help', never)).rejects.toMatchObject({ code: 'source.refused' });
  expect(existsSync(canary)).toBe(false);
});

test('a repository whose own configuration asks for a program does not get it run', async () => {
  const evil = join(base, 'evil');
  const canary = join(base, 'canary-config');
  execFileSync('cp', ['-r', upstream, evil]);
  for (const [key, value] of [
    ['core.fsmonitor', `touch ${canary}`],
    ['core.sshCommand', `touch ${canary}`],
    ['uploadpack.packObjectsHook', `touch ${canary}`],
  ] as const)
    execFileSync('git', ['-C', evil, 'config', key, value]);
  await sources.fetch('shop', evil, ['refs/heads/main'], never);
  expect(existsSync(canary)).toBe(false);
});

test('a submodule and a nested .git never reach the disk', async () => {
  git('update-index', '--add', '--cacheinfo', `160000,${first},vendor/lib`);
  git('commit', '-q', '-m', 'a submodule');
  const id = git('rev-parse', 'HEAD');
  git('reset', '-q', '--hard', 'HEAD~1');
  await sources.fetch('shop', upstream, ['refs/heads/main'], never);
  git('branch', 'with-module', id);
  await sources.fetch('shop', upstream, ['refs/heads/with-module'], never);
  const { path, files } = await sources.checkout('shop', id, never);
  expect(files).toContainEqual({ path: 'vendor/lib', mode: '160000', id: first });
  expect(existsSync(join(path, 'vendor/lib/.git'))).toBe(false);
});

test('errors say which thing is not there', async () => {
  await expect(sources.refs('nobody')).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('nobody'),
  });
  await expect(sources.commit('shop', 'a'.repeat(40))).rejects.toMatchObject({ code: 'not_found' });
  await expect(sources.checkout('shop', 'a'.repeat(40), never)).rejects.toMatchObject({ code: 'not_found' });
  await expect(sources.fetch('shop', upstream, ['refs/heads/none'], never)).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(sources.fetch('shop', join(base, 'no-repo'), ['refs/heads/main'], never)).rejects.toMatchObject({
    code: 'source.unreachable',
  });
  await expect(sources.fetch('shop', 'http://127.0.0.1:1/x', ['refs/heads/main'], never)).rejects.toMatchObject({
    code: 'source.unreachable',
  });
});

test('a server that wants other credentials is a refusal, which shows none of them', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    seen.push(req.headers.authorization);
    res.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://me:topsecret@127.0.0.1:${port}/a.git`;
  const error: Error = await sources.fetch('shop', url, ['refs/heads/main'], never).catch((thrown) => thrown);
  server.close();
  expect(error).toMatchObject({ code: 'source.refused' });
  expect(`${error.message} ${error.cause}`).not.toContain('topsecret');
  expect(seen).toContain(`Basic ${Buffer.from('me:topsecret').toString('base64')}`);
});

test('a fetch from a server that never answers ends when it is aborted', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const abort = new AbortController();
  const asked = new Promise((resolve) => server.once('request', resolve));
  const fetching = sources.fetch('shop', `http://127.0.0.1:${port}/a.git`, ['refs/heads/main'], abort.signal);
  await asked;
  const since = Date.now();
  abort.abort(new Error('enough'));
  await expect(fetching).rejects.toThrow('enough');
  expect(Date.now() - since).toBeLessThan(3000);
  server.closeAllConnections();
  server.close();
});

test('removing a project removes its repository and its checkouts', async () => {
  await sources.create('gone');
  await sources.fetch('gone', upstream, ['refs/heads/main'], never);
  const { path } = await sources.checkout('gone', (await sources.resolve('gone', 'main'))?.id ?? '', never);
  await sources.remove('gone');
  expect([existsSync(path), existsSync(sources.repository('gone'))]).toEqual([false, false]);
});
