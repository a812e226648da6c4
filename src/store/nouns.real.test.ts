import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Secret } from '#domain/secret.ts';
import { findArtifact, listArtifacts, removeArtifact, saveArtifact } from './artifacts.ts';
import { appendBuildLog, buildLog, endBuild, findBuild, lastBuildLines, listBuilds, startBuild } from './builds.ts';
import { findChannel, listChannels, removeChannel, saveChannel } from './channels.ts';
import { findCluster, listClusters, removeCluster, saveCluster } from './clusters.ts';
import type { Store } from './database.ts';
import { eventsAfter, lastEventSeq } from './events.ts';
import { once } from './idempotency.ts';
import { claimNotices, enqueueNotice, nextNoticeAt, noticeDelivered, noticeFailed } from './outbox.ts';
import { listPins, savePin } from './pins.ts';
import { ensureProject, findProject, listProjects, listRefs, recordRef, removeRef, saveProject } from './projects.ts';
import { listRegistries, removeRegistry, saveRegistry } from './registries.ts';
import { keyOf } from './sealing.ts';
import { ensureStack, markRemoved } from './stacks.ts';
import { endTestRun, startTestRun, testRunsOf } from './test-runs.ts';
import { startTestStore, type TestStore } from './test-store.ts';
import { addToken, listTokens, removeTokens, useToken } from './tokens.ts';
import { effectiveVariables, listVariables, projectSecrets, removeVariable, saveVariable } from './variables.ts';

const key = keyOf(Buffer.alloc(32, 7));
let at: TestStore;
let store: Store;
beforeAll(async () => {
  at = await startTestStore(key);
  store = at.store;
});
afterAll(() => at.stop());

let since = 0;
beforeEach(async () => {
  since = await lastEventSeq(store.db);
});
const told = async () => (await eventsAfter(store.db, since)).map((event) => event.type);

/** All that the database holds, as text: no secret may be found in it. */
async function dump(table: string): Promise<string> {
  const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(table)} t`.execute(store.db);
  return rows.map((row) => row.row).join('\n');
}

test('a project is saved once, and keeps its source when it is only ensured', async () => {
  const { db } = store;
  await saveProject(db, { name: 'shop', sourceUrl: 'https://example.com/shop.git' });
  await ensureProject(db, 'shop');
  await ensureProject(db, 'blog');
  expect(await findProject(db, 'shop')).toMatchObject({ sourceUrl: 'https://example.com/shop.git' });
  expect((await listProjects(db)).map((project) => project.name)).toEqual(['blog', 'shop']);
  expect(await findProject(db, 'none')).toBeNull();
});

test('a ref remembers where it pointed', async () => {
  const { db } = store;
  const ref = { project: 'shop', name: 'refs/heads/main' };
  expect(await recordRef(db, { ...ref, commit: 'a1' })).toEqual({ before: null });
  expect(await recordRef(db, { ...ref, commit: 'b2' })).toEqual({ before: 'a1' });
  expect(await listRefs(db, 'shop')).toMatchObject([{ ...ref, commit: 'b2' }]);
  await removeRef(db, 'shop', ref.name);
  expect(await listRefs(db, 'shop')).toEqual([]);
});

test('a cluster keeps its settings open and its credential sealed, and goes only when nothing runs there', async () => {
  const { db } = store;
  const settings = { socket: '/var/run/docker.sock', nested: { camelCase: 1, snake_case: 2 } };
  await saveCluster(db, key, { name: 'eu', engine: 'swarm', settings, credential: new Secret('client-key-42') });
  await saveCluster(db, key, { name: 'here', engine: 'local', settings: {}, credential: null });
  const found = await findCluster(db, key, 'eu');
  expect(found).toMatchObject({ engine: 'swarm', settings });
  expect(found?.credential?.reveal()).toBe('client-key-42');
  expect(await dump('clusters')).not.toContain('client-key-42');
  expect((await listClusters(db, key)).map((cluster) => cluster.credential === null)).toEqual([false, true]);
  const stack = { name: 'shop-eu', project: 'shop', environment: 'prod', cluster: 'eu' };
  await store.transaction((tx) => ensureStack(tx, stack));
  await expect(removeCluster(db, 'eu')).rejects.toMatchObject({ code: 'conflict' });
  await store.transaction((tx) => markRemoved(tx, 'shop-eu', true));
  await removeCluster(db, 'eu');
  expect(await findCluster(db, key, 'eu')).toBeNull();
});

test('registries and channels come back with their secrets, which the tables do not show', async () => {
  const { db } = store;
  for (const password of ['first-pass', 'second-pass'])
    await saveRegistry(db, key, { host: 'r.example.com', username: 'me', password: new Secret(password) });
  const [registry] = await listRegistries(db, key);
  expect(registry).toMatchObject({ host: 'r.example.com', username: 'me' });
  expect(registry?.password.reveal()).toBe('second-pass');
  expect(await dump('registries')).not.toContain('pass');
  expect(await removeRegistry(db, 'r.example.com')).toBe(true);
  expect(await removeRegistry(db, 'r.example.com')).toBe(false);

  await saveChannel(db, key, { name: 'ops', kind: 'slack', url: new Secret('https://hooks.example.com/T1') });
  expect((await findChannel(db, key, 'ops'))?.url.reveal()).toBe('https://hooks.example.com/T1');
  expect((await listChannels(db, key)).map((channel) => channel.kind)).toEqual(['slack']);
  expect(await dump('channels')).not.toContain('hooks.example.com');
  expect(await removeChannel(db, 'ops')).toBe(true);
  expect(await findChannel(db, key, 'ops')).toBeNull();
});

test("an environment's own variable goes before the one of all environments", async () => {
  const { db } = store;
  const set = (environment: string, name: string, value: string, secret = false) =>
    store.transaction((tx) =>
      saveVariable(tx, key, { project: 'shop', environment, name, value: new Secret(value), secret }),
    );
  await set('*', 'LOG', 'info');
  await set('*', 'API', 'general');
  await set('prod', 'API', 'old-value');
  await set('prod', 'API', 'of-prod', true);
  const shown = (await effectiveVariables(db, key, 'shop', 'prod')).map((it) => [
    it.name,
    it.value.reveal(),
    it.secret,
  ]);
  expect(shown).toEqual([
    ['API', 'of-prod', true],
    ['LOG', 'info', false],
  ]);
  expect((await effectiveVariables(db, key, 'shop', 'dev')).map((it) => it.value.reveal())).toEqual([
    'general',
    'info',
  ]);
  expect(await dump('variables')).not.toMatch(/general|of-prod/);
  const gone = { project: 'shop', environment: 'prod', name: 'API' };
  expect(await store.transaction((tx) => removeVariable(tx, gone))).toBe(true);
  expect(await listVariables(db, key, 'shop', 'prod')).toEqual([]);
});

test('a secret is masked as it was, too, after it was changed or removed; a plain value never', async () => {
  const set = (name: string, value: string, secret: boolean) =>
    store.transaction((tx) =>
      saveVariable(tx, key, { project: 'vault', environment: '*', name, value: new Secret(value), secret }),
    );
  await set('KEY', 'first', true);
  await set('KEY', 'first', true);
  await set('KEY', 'second', true);
  await set('MODE', 'fast', false);
  await set('MODE', 'slow', false);
  expect([...(await projectSecrets(store.db, key, 'vault'))].sort()).toEqual(['first', 'second']);
  await store.transaction((tx) => removeVariable(tx, { project: 'vault', environment: '*', name: 'KEY' }));
  expect([...(await projectSecrets(store.db, key, 'vault'))].sort()).toEqual(['first', 'second']);
  expect(await projectSecrets(store.db, key, 'shop')).not.toContain('first');
  expect(await dump('retired_secrets')).not.toMatch(/first|second/);
});

test('a sealed value copied into another row does not open there', async () => {
  const { db } = store;
  for (const name of ['LOW', 'HIGH'])
    await store.transaction((tx) =>
      saveVariable(tx, key, { project: 'x', environment: 'e', name, value: new Secret(name), secret: true }),
    );
  await sql`update variables set value = (select value from variables where name = 'HIGH') where name = 'LOW'`.execute(
    db,
  );
  await expect(listVariables(db, key, 'x', 'e')).rejects.toMatchObject({ code: 'data.damaged' });
});

test('a pin holds until it is set anew', async () => {
  const pin = { project: 'shop', environment: 'prod', service: 'db', reference: 'postgres:16' };
  for (const pinned of ['postgres@sha256:1', 'postgres@sha256:2']) await savePin(store.db, { ...pin, pinned });
  expect(await listPins(store.db, 'shop', 'prod')).toMatchObject([{ ...pin, pinned: 'postgres@sha256:2' }]);
});

test('a commit is built once; a build that failed starts over under its id, without its old log', async () => {
  const commit = { project: 'shop', commit: 'abc', ref: 'refs/heads/main', message: 'Sell more' };
  const start = () => store.transaction((tx) => startBuild(tx, commit));
  const first = await start();
  expect(first).toMatchObject({ started: true, build: { status: 'running', message: 'Sell more', reason: null } });
  expect(await start()).toMatchObject({ started: false, build: { id: first.build.id } });
  const { id } = first.build;
  await appendBuildLog(store.db, id, [
    { service: 'web', at: 1_700_000_000_123, text: 'step 1' },
    { service: 'api', at: 1_700_000_000_124, text: 'nul \0 in it' },
    { service: 'web', at: 1_700_000_000_125, text: 'step 2' },
  ]);
  await appendBuildLog(store.db, id, []);
  const lines = await buildLog(store.db, id);
  expect(lines.map((line) => line.text)).toEqual(['step 1', 'nul \ufffd in it', 'step 2']);
  expect(lines[0]?.at).toBe(1_700_000_000_123);
  expect(await buildLog(store.db, id, lines[0]?.seq, 1)).toMatchObject([{ service: 'api' }]);
  expect(await lastBuildLines(store.db, id, 'web', 1)).toEqual(['step 2']);

  const failed = { status: 'failed', service: 'web', reason: 'exit 1' } as const;
  expect(await store.transaction((tx) => endBuild(tx, id, failed))).toBe(true);
  expect(await store.transaction((tx) => endBuild(tx, id, failed))).toBe(false);
  expect(await findBuild(store.db, id)).toMatchObject({ status: 'failed', reason: 'exit 1' });

  expect(await start()).toMatchObject({ started: true, build: { id, status: 'running', reason: null, endedAt: null } });
  expect(await buildLog(store.db, id)).toEqual([]);
  const good = { status: 'succeeded', built: ['web'], reused: ['api'] } as const;
  await store.transaction((tx) => endBuild(tx, id, good));
  expect(await start()).toMatchObject({ started: false, build: { status: 'succeeded' } });
  expect(await told()).toEqual(['build.started', 'build.failed', 'build.started', 'build.succeeded']);
});

test('two that start the same build at once agree on one', async () => {
  const commit = { project: 'shop', commit: 'race', ref: null, message: null };
  const results = await Promise.all([1, 2, 3].map(() => store.transaction((tx) => startBuild(tx, commit))));
  expect(results.filter((result) => result.started)).toHaveLength(1);
  expect(new Set(results.map((result) => result.build.id)).size).toBe(1);
});

test('builds are listed newest first, page by page', async () => {
  for (const commit of ['p1', 'p2', 'p3'])
    await store.transaction((tx) => startBuild(tx, { project: 'paged', commit, ref: null, message: null }));
  const first = await listBuilds(store.db, 'paged', { limit: 2 });
  expect(first.map((build) => build.commit)).toEqual(['p3', 'p2']);
  const before = first.at(-1)?.id ?? 0;
  expect((await listBuilds(store.db, 'paged', { limit: 2, before })).map((build) => build.commit)).toEqual(['p1']);
});

test('the first artifact of a key stays, with its commit, unless it is replaced', async () => {
  const { db } = store;
  const place = { project: 'shop', kind: 'image', service: 'web', key: 'hash1' } as const;
  const image = (commit: string) =>
    ({ kind: 'image', reference: 'shop-web', pinned: `shop-web@sha256:${commit}`, commit }) as const;
  const save = (commit: string, replace?: boolean) =>
    saveArtifact(db, { ...place, artifact: image(commit), commit, build: null }, replace);
  expect(await save('c1')).toMatchObject({ commit: 'c1' });
  expect(await save('c2')).toMatchObject({ commit: 'c1', artifact: image('c1') });
  expect(await save('c3', true)).toMatchObject({ commit: 'c3', artifact: image('c3') });
  expect(await findArtifact(db, { ...place, key: 'other' })).toBeNull();
  expect(await listArtifacts(db, 'shop')).toHaveLength(1);
  await removeArtifact(db, place);
  expect(await findArtifact(db, place)).toBeNull();
});

test('a test run is found again after a crash, and ends once with its report', async () => {
  const { build } = await store.transaction((tx) =>
    startBuild(tx, { project: 'shop', commit: 'tested', ref: null, message: null }),
  );
  const run = { build: build.id, stack: 'shop-test-1' };
  const { id } = await startTestRun(store.db, run);
  expect((await startTestRun(store.db, run)).id).toBe(id);
  expect(await endTestRun(store.db, id, 'passed', { passed: 3 })).toBe(true);
  expect(await endTestRun(store.db, id, 'failed', null)).toBe(false);
  expect(await testRunsOf(store.db, build.id)).toMatchObject([{ status: 'passed', report: { passed: 3 } }]);
});

test('a notice goes out once an event and channel, to one sender at a time, and waits when it failed', async () => {
  const { db } = store;
  const notice = { id: 'n1', title: 'Deployed', lines: ['web → prod'], level: 'good', link: null } as const;
  await store.transaction(async (tx) => {
    await enqueueNotice(tx, 'ops', notice, 1);
    await enqueueNotice(tx, 'ops', notice, 1);
    await enqueueNotice(tx, 'dev', notice, 1);
  });
  const [left, right] = await Promise.all([claimNotices(db, 1), claimNotices(db, 1)]);
  const claimed = [...left, ...right].sort((a, b) => a.id - b.id);
  expect(claimed.map((it) => [it.channel, it.attempts])).toEqual([
    ['ops', 1],
    ['dev', 1],
  ]);
  expect(claimed[0]?.notice).toEqual(notice);
  expect(await claimNotices(db)).toEqual([]);
  const [ops, dev] = claimed;
  if (!ops || !dev) throw new Error('two were claimed');
  await noticeFailed(db, ops, 'timeout', Date.now() - 1);
  const [again] = await claimNotices(db);
  expect(again).toMatchObject({ id: ops.id, attempts: 2, lastError: 'timeout' });
  if (!again) throw new Error('it was claimed again');
  await noticeFailed(db, ops, 'a late word of the first try', Date.now() - 1);
  expect(await claimNotices(db)).toEqual([]);
  await noticeFailed(db, again, '404', null);
  await noticeDelivered(db, dev.id);
  expect(await nextNoticeAt(db)).toBeNull();
});

test('a sender that died loses nothing: its lease ends', async () => {
  const { db } = store;
  const notice = { id: 'n2', title: 't', lines: [], level: 'info', link: null } as const;
  await store.transaction((tx) => enqueueNotice(tx, 'ops', notice, 2));
  expect(await claimNotices(db, 10, 0)).toHaveLength(1);
  const [again] = await claimNotices(db, 10, 60_000);
  expect(again).toMatchObject({ attempts: 2 });
  await noticeDelivered(db, again?.id ?? 0);
});

test('a token is known by its hash only', async () => {
  const { db } = store;
  await addToken(db, new Secret('token-in-clear'), 'laptop');
  expect(await useToken(db, new Secret('token-in-clear'))).toMatchObject({ name: 'laptop' });
  expect(await useToken(db, new Secret('another'))).toBeNull();
  expect(await dump('tokens')).not.toContain('token-in-clear');
  expect((await listTokens(db))[0]?.lastUsedAt).toBeGreaterThan(0);
  expect(await removeTokens(db, 'laptop')).toBe(1);
  expect(await useToken(db, new Secret('token-in-clear'))).toBeNull();
});

test('a request with an idempotency key acts once, however many come at once, and answers the same', async () => {
  const request = { key: 'k1', route: 'POST /deployments', bodyHash: 'h1' };
  let acted = 0;
  const ask = (bodyHash = 'h1') =>
    store.transaction((tx) =>
      once(tx, { ...request, bodyHash }, async () => ({ status: 201, response: { id: ++acted } })),
    );
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.map((answer) => answer.response)).toEqual([{ id: 1 }, { id: 1 }, { id: 1 }]);
  expect(answers.filter((answer) => answer.replayed)).toHaveLength(2);
  await expect(ask('h2')).rejects.toMatchObject({ code: 'idempotency.mismatch' });
});

test('a request that failed may be tried again under its key', async () => {
  const request = { key: 'k2', route: 'r', bodyHash: 'h' };
  const fail = store.transaction((tx) => once(tx, request, () => Promise.reject(new Error('broken'))));
  await expect(fail).rejects.toThrow('broken');
  const good = store.transaction((tx) => once(tx, request, async () => ({ status: 200, response: null })));
  expect(await good).toMatchObject({ replayed: false });
});
