import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { BuildOrder } from '../contract.ts';
import { checkoutBuilder } from './checkout-builder.ts';

const base = mkdtempSync(join(tmpdir(), 'slipway-artifacts-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const checkout = join(base, 'checkout');
const artifacts = join(base, 'artifacts');
const never = new AbortController().signal;
const node = process.execPath;
let said: string[] = [];
const output = (line: string) => said.push(line);
beforeEach(() => {
  said = [];
  rmSync(artifacts, { recursive: true, force: true });
});

const content: Record<string, string> = {
  'services/web/main.js': 'main',
  'services/web/bin/run': '#!/bin/sh',
  'services/web/package.json': '{"name":"web","version":"1.0.0"}',
  'shared/lib.js': 'lib',
  'secret.txt': 'left out by .dockerignore',
};
for (const [path, text] of Object.entries(content)) {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), text, { mode: path.includes('/bin/') ? 0o755 : 0o644 });
}
symlinkSync('../../shared', join(checkout, 'services/web/shared'));

function order(key: string, install: readonly string[] | null, change: Partial<BuildOrder> = {}): BuildOrder {
  return {
    project: 'shop',
    build: 'b1',
    key: key.padEnd(64, '0'),
    commit: 'c'.repeat(40),
    checkout,
    files: [
      'services/web/bin/run',
      'services/web/main.js',
      'services/web/package.json',
      'services/web/shared',
      'shared/lib.js',
    ],
    registry: null,
    local: { directory: 'services/web', install },
    request: {
      service: 'web',
      context: '.',
      dockerfile: 'Dockerfile',
      dockerfileInline: null,
      target: null,
      args: {},
      labels: {},
      cacheFrom: [],
      platform: null,
      noCache: false,
      pull: false,
      extraHosts: [],
      network: null,
      shmBytes: null,
      contexts: {},
      watch: [],
      other: {},
    },
    ...change,
  };
}

const script = (code: string) => [node, '-e', code];
const place = (key: string) => join(artifacts, key.padEnd(64, '0'));

test('the context is copied as the checkout has it, and the install step runs in the service folder', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  const install = script(
    'require("fs").writeFileSync("made.txt", process.cwd()); console.log("installed"); console.error("warned")',
  );
  const artifact = await builder.build(order('aa', install), output, never);
  expect(artifact).toEqual({ kind: 'checkout', key: 'aa'.padEnd(64, '0'), commit: 'c'.repeat(40) });
  const web = join(place('aa'), 'services/web');
  expect(readdirSync(web).sort()).toEqual(['bin', 'made.txt', 'main.js', 'package.json', 'shared']);
  expect(readFileSync(join(web, 'shared/lib.js'), 'utf8')).toBe('lib');
  expect(readlinkSync(join(web, 'shared'))).toBe('../../shared');
  expect(readdirSync(place('aa'))).not.toContain('secret.txt');
  expect(statSync(join(web, 'bin/run')).mode & 0o777).toBe(0o555);
  expect(statSync(join(web, 'made.txt')).mode & 0o222).toBe(0);
  expect(said).toEqual(expect.arrayContaining(['installed', 'warned']));
  expect(await builder.has(artifact, never)).toBe(true);
  expect(await builder.has({ kind: 'checkout', key: 'b'.repeat(64), commit: 'c' }, never)).toBe(false);
});

test('an unchanged key is not built again, and keeps the commit that it was first built from', async () => {
  const install = script('require("fs").appendFileSync(process.env.HOME + "/count", "x")');
  const before = process.env.HOME;
  process.env.HOME = base;
  try {
    await checkoutBuilder({ artifactsDirectory: artifacts }).build(order('ab', install), output, never);
    const later = checkoutBuilder({ artifactsDirectory: artifacts });
    const artifact = await later.build(order('ab', install, { commit: 'd'.repeat(40) }), output, never);
    expect(artifact).toMatchObject({ commit: 'c'.repeat(40) });
    expect(readFileSync(join(base, 'count'), 'utf8')).toBe('x');
  } finally {
    process.env.HOME = before;
  }
});

test('builds of one key at the same time are one build', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  const install = script('console.log("ran"); setTimeout(() => {}, 200)');
  await Promise.all(Array.from({ length: 5 }, () => builder.build(order('ac', install), output, never)));
  expect(said.filter((line) => line === 'ran')).toHaveLength(1);
  expect(readdirSync(artifacts)).toHaveLength(1);
});

test('a failing install step is an error with its last 20 lines, and leaves nothing', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  const install = script('for (let i = 1; i <= 30; i++) console.log("line " + i); process.exitCode = 7');
  const error: Error = await builder.build(order('ad', install), output, never).then(
    () => new Error('built'),
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'build.failed', message: expect.stringContaining('exit code 7') });
  expect(error.message).toContain('| line 30');
  expect(error.message).toContain('| line 11\n');
  expect(error.message).not.toContain('| line 10\n');
  expect(readdirSync(artifacts)).toEqual([]);
  await builder.build(order('ad', null), output, never);
  expect(readdirSync(artifacts)).toHaveLength(1);
});

test.each([
  ['a program that is not there', ['no-such-program'], 'could not be started'],
  ['what a shell would understand', ['echo hi > /tmp/x; true'], 'could not be started'],
])('%s is an error that names it', async (_, install, words) => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  await expect(builder.build(order('ae', install), output, never)).rejects.toMatchObject({
    code: 'build.failed',
    message: expect.stringContaining(words),
  });
});

test('an install step that takes too long is ended, with all that it started', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts, installTimeoutMs: 500 });
  const install = script(`require('child_process').spawn('sleep', ['987']).on('spawn', () => console.log('started'))`);
  await expect(builder.build(order('af', install), output, never)).rejects.toMatchObject({
    message: expect.stringContaining('did not end within'),
  });
  expect(said).toContain('started');
  await expect.poll(() => running('sleep\u0000987')).toBe(false);
});

test('an aborted build ends its install step, leaves nothing, and can be made again', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  const abort = new AbortController();
  const install = script('console.log("waiting"); setInterval(() => {}, 1000)');
  const building = builder.build(order('ba', install), output, abort.signal);
  building.catch(() => {});
  await expect.poll(() => said).toContain('waiting');
  abort.abort(new Error('cancelled'));
  await expect(building).rejects.toThrow('cancelled');
  await expect.poll(() => readdirSync(artifacts)).toEqual([]);
  await builder.build(order('ba', null), output, never);
  expect(readdirSync(artifacts)).toHaveLength(1);
});

test('what a crashed build left is removed by the next server', async () => {
  mkdirSync(join(place('bb')).concat('.part-1/services'), { recursive: true });
  await checkoutBuilder({ artifactsDirectory: artifacts }).build(order('bb', null), output, never);
  expect(readdirSync(artifacts)).toEqual(['bb'.padEnd(64, '0')]);
});

test.each(['../..', 'nowhere', '/etc'])(
  'a service folder %s that its context does not hold is an error',
  async (directory) => {
    const builder = checkoutBuilder({ artifactsDirectory: artifacts });
    const asked = order('bc', null, { local: { directory, install: null } });
    await expect(builder.build(asked, output, never)).rejects.toMatchObject({ code: 'build.failed' });
  },
);

test('npm installs what a lock file says, without the network where nothing is needed from it', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  await builder.build(order('bd', ['npm', 'install', '--offline']), output, never);
  expect(readdirSync(join(place('bd'), 'services/web'))).toContain('package-lock.json');
});

test('a key that is no key reaches no folder', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  await expect(builder.build({ ...order('x', null), key: '../../escape' }, output, never)).rejects.toMatchObject({
    code: 'internal',
  });
});

function running(text: string): boolean {
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').startsWith(text);
    } catch {
      return false;
    }
  });
}

test('a folder that is not needed any more is removed whole, twice is the same as once, and the next build makes it again', async () => {
  const builder = checkoutBuilder({ artifactsDirectory: artifacts });
  const artifact = await builder.build(order('ff', null), output, never);
  const other = await builder.build(order('fe', null), output, never);
  for (let n = 0; n < 2; n += 1) expect(await builder.remove(artifact, never)).toBe(true);
  expect(readdirSync(artifacts)).toEqual(['fe'.padEnd(64, '0')]);
  expect([await builder.has(artifact, never), await builder.has(other, never)]).toEqual([false, true]);
  await builder.build(order('ff', null), output, never);
  expect(await builder.has(artifact, never)).toBe(true);
});
