import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DeploymentKind } from '#domain/deployment.ts';
import type { Change } from '#domain/plan/change.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { type ChangeKey, changesOf, openChanges, recordIntents, recordOutcome } from './changes.ts';
import type { Store } from './database.ts';
import {
  claimDeployment,
  createDeployment,
  findDeployment,
  getDeployment,
  listDeployments,
  newestDeployment,
  openDeployments,
  setDeadlineOnce,
  setDeploymentStatus,
  supersedeOlder,
  updateDeployment,
} from './deployments.ts';
import { eventsAfter, lastEventSeq } from './events.ts';
import { releasesToKeep, specsToKeep } from './keep.ts';
import { createRelease, findRelease, listReleases, releaseSpec } from './releases.ts';
import { findRevision, latestStable, listRevisions, markStable } from './revisions.ts';
import { keyOf } from './sealing.ts';
import { appliedThings, ensureStack, findStack, listStacks, markRemoved } from './stacks.ts';
import { startTestStore, type TestStore } from './test-store.ts';

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

function deploy(stack: string, kind: DeploymentKind = 'push', commit: string | null = 'abc') {
  const where = { project: 'shop', environment: 'prod', stack, cluster: 'eu' };
  return store.transaction((tx) =>
    createDeployment(tx, {
      ...where,
      commit,
      ref: 'refs/heads/main',
      kind,
      options: { pull: true },
      requestedBy: 'me',
    }),
  );
}
const move = (id: number, status: Parameters<typeof setDeploymentStatus>[2], reason?: string) =>
  store.transaction((tx) => setDeploymentStatus(tx, id, status, reason ?? null));

const specOf = (stack: string, secret: string): StackSpec => ({
  name: parseStackName(stack),
  project: 'shop',
  environment: 'prod',
  services: [],
  networks: [],
  volumes: [],
  files: [{ key: 'token', kind: 'secret', external: null, base64: Buffer.from(secret).toString('base64') }],
});

test('a deployment goes its way with one event a step, and a step that runs twice tells nothing twice', async () => {
  const { id } = await deploy('way');
  expect(await findDeployment(store.db, id)).toMatchObject({
    status: 'queued',
    options: { pull: true },
    endedAt: null,
  });
  await store.transaction((tx) => claimDeployment(tx, id));
  expect(await store.transaction((tx) => claimDeployment(tx, id))).toMatchObject({ id });
  for (const status of ['building', 'building', 'deploying', 'verifying', 'succeeded'] as const) await move(id, status);
  expect(await told()).toEqual(
    ['queued', 'started', 'building', 'deploying', 'verifying', 'succeeded'].map((status) => `deployment.${status}`),
  );
  expect((await getDeployment(store.db, id)).endedAt).toBeGreaterThan(0);
});

test('what is over stays as it ended', async () => {
  const { id } = await deploy('over');
  expect(await move(id, 'failed', 'web does not start')).toBe(true);
  expect(await move(id, 'succeeded')).toBe(false);
  expect(await findDeployment(store.db, id)).toMatchObject({ status: 'failed', reason: 'web does not start' });
  expect(await store.transaction((tx) => claimDeployment(tx, id))).toBeNull();
  await expect(getDeployment(store.db, 999_999)).rejects.toMatchObject({ code: 'not_found' });
});

test('a way back keeps why it began', async () => {
  const { id } = await deploy('back');
  await move(id, 'rolling-back', 'api: exit 1');
  await move(id, 'rolled-back');
  expect(await findDeployment(store.db, id)).toMatchObject({ status: 'rolled-back', reason: 'api: exit 1' });
});

test('a newer push replaces those that wait, not the one at work and not those of other stacks', async () => {
  const working = await deploy('newest');
  await store.transaction((tx) => claimDeployment(tx, working.id));
  const waiting = await deploy('newest');
  const other = await deploy('newest-other');
  const newer = await deploy('newest');
  const done = await store.transaction((tx) => supersedeOlder(tx, 'newest', newer.id));
  expect(done).toEqual([waiting.id]);
  expect(await findDeployment(store.db, waiting.id)).toMatchObject({
    status: 'superseded',
    reason: `deployment ${newer.id} is newer`,
  });
  expect((await findDeployment(store.db, working.id))?.status).toBe('queued');
  expect((await findDeployment(store.db, other.id))?.status).toBe('queued');
  expect((await newestDeployment(store.db, 'newest'))?.id).toBe(newer.id);
  await move(newer.id, 'cancelled');
  expect((await newestDeployment(store.db, 'newest'))?.id).toBe(working.id);
  expect(await newestDeployment(store.db, 'nothing')).toBeNull();
});

test('a deadline is set once and stays after a restart', async () => {
  const { id } = await deploy('deadline');
  expect(await setDeadlineOnce(store.db, id, 1_900_000_000_000)).toBe(1_900_000_000_000);
  expect(await setDeadlineOnce(store.db, id, 2_000_000_000_000)).toBe(1_900_000_000_000);
  await updateDeployment(store.db, id, { deadlineAt: null, commit: 'def' });
  await updateDeployment(store.db, id, {});
  expect(await findDeployment(store.db, id)).toMatchObject({ deadlineAt: null, commit: 'def' });
});

test('deployments are listed by what is asked, newest first, and the open ones for a server that starts', async () => {
  const first = await deploy('listed');
  const second = await deploy('listed');
  const ids = async (page: { limit: number; before?: number }) =>
    (await listDeployments(store.db, { stack: 'listed', project: 'shop', environment: 'prod' }, page)).map(
      (it) => it.id,
    );
  expect(await ids({ limit: 10 })).toEqual([second.id, first.id]);
  expect(await ids({ limit: 10, before: second.id })).toEqual([first.id]);
  await move(first.id, 'cancelled');
  const open = (await openDeployments(store.db)).map((it) => it.id);
  expect(open).toContain(second.id);
  expect(open).not.toContain(first.id);
});

test('a release is made once, comes back whole, and shows no secret in its table', async () => {
  const spec = specOf('released', 'hush-hush');
  const make = () => store.transaction((tx) => createRelease(tx, key, { commit: 'abc', build: null, spec }));
  const release = await make();
  expect((await make()).id).toBe(release.id);
  expect(await releaseSpec(store.db, key, release.id)).toEqual(spec);
  expect(await findRelease(store.db, release.id)).toEqual(release);
  expect((await listReleases(store.db, 'shop', { limit: 1 }))[0]).toEqual(release);
  expect(await told()).toEqual(['release.created']);
  const row = await store.db
    .selectFrom('releases')
    .select('spec')
    .where('id', '=', release.id)
    .executeTakeFirstOrThrow();
  expect(row.spec.includes(Buffer.from(spec.files[0]?.base64 ?? '?'))).toBe(false);
  await expect(releaseSpec(store.db, key, 999_999)).rejects.toMatchObject({ code: 'not_found' });
});

const web: Change = {
  kind: 'service',
  name: 'web',
  action: 'update',
  why: 'settings differ',
  fields: [{ path: 'environment.TOKEN', before: 'open-sesame', after: null, cause: 'specification' }],
};
const masked = [{ path: 'environment.TOKEN', before: '••••••', after: null, cause: 'specification' }] as const;

const intend = async (at: ChangeKey, shown: Change['fields'] = []) =>
  (await recordIntents(store.db, key, at, [{ change: at.change, masked: shown }])).get('service/web');

test('the changes of a wave are meant at once, each for itself', async () => {
  const { id: deployment } = await deploy(parseStackName('many'));
  const at = { deployment, attempt: 'forward' } as const;
  const intents = ['a', 'b', 'c'].map((name) => ({ change: { ...web, name }, masked }));
  await intend({ ...at, change: { ...web, name: 'b' } });
  const records = await recordIntents(store.db, key, at, intents);
  expect([...records.keys()].sort()).toEqual(['service/a', 'service/b', 'service/c']);
  expect((await openChanges(store.db, key, deployment)).map((open) => open.change.name).sort()).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect((await recordIntents(store.db, key, at, [])).size).toBe(0);
});

test('a change is meant, found open after a crash, and done once, with what is applied and its event', async () => {
  const stack = parseStackName('changed');
  const { id: deployment } = await deploy(stack);
  const change = { deployment, attempt: 'forward', change: web, stack } as const;
  expect(await intend(change, masked)).toMatchObject({ status: 'intended', fields: masked });
  expect(await openChanges(store.db, key, deployment)).toEqual([{ deployment, attempt: 'forward', change: web }]);
  const done = {
    status: 'done',
    wrote: { spec: { image: 'a' }, native: { Image: 'a', Env: ['TOKEN=hush'] } },
  } as const;
  expect(await store.transaction((tx) => recordOutcome(tx, key, change, done))).toBe(true);
  expect(await store.transaction((tx) => recordOutcome(tx, key, change, done))).toBe(false);
  expect(await intend(change, masked)).toMatchObject({ status: 'done' });
  expect(await openChanges(store.db, key, deployment)).toEqual([]);
  expect(await appliedThings(store.db, key, stack)).toEqual([
    { kind: 'service', name: 'web', deployment, ...done.wrote },
  ]);
  expect((await told()).filter((type) => type === 'deployment.changed')).toHaveLength(1);
  const events = JSON.stringify(await eventsAfter(store.db, since));
  expect(events + JSON.stringify(await changesOf(store.db, deployment))).not.toContain('open-sesame');

  const back = { ...change, attempt: 'back', change: { ...web, action: 'remove' } } as const;
  await intend(back);
  await store.transaction((tx) => recordOutcome(tx, key, back, { status: 'done', wrote: null }));
  expect(await appliedThings(store.db, key, stack)).toEqual([]);
  expect((await changesOf(store.db, deployment)).map((row) => row.attempt)).toEqual(['forward', 'back']);
});

test('a failed change keeps the reason and leaves what is applied as it was', async () => {
  const stack = parseStackName('failing');
  const { id: deployment } = await deploy(stack);
  const change = { deployment, attempt: 'forward', change: web, stack } as const;
  await intend(change);
  const failed = { status: 'failed', message: 'no such image \0' } as const;
  await store.transaction((tx) => recordOutcome(tx, key, change, failed));
  expect(await changesOf(store.db, deployment)).toMatchObject([{ status: 'failed', outcome: 'no such image \ufffd' }]);
  expect(await appliedThings(store.db, key, stack)).toEqual([]);
});

test('an outcome is all or nothing', async () => {
  const stack = parseStackName('atomic');
  const { id: deployment } = await deploy(stack);
  const change = { deployment, attempt: 'forward', change: web, stack } as const;
  await intend(change);
  const torn = store.transaction(async (tx) => {
    await recordOutcome(tx, key, change, { status: 'done', wrote: { spec: null, native: null } });
    throw new Error('killed');
  });
  await expect(torn).rejects.toThrow('killed');
  expect(await openChanges(store.db, key, deployment)).toHaveLength(1);
  expect(await appliedThings(store.db, key, stack)).toEqual([]);
  expect(await told()).toEqual(['deployment.queued']);
});

async function stable(stack: string, secret: string) {
  await store.transaction((tx) =>
    ensureStack(tx, { name: stack, project: 'shop', environment: 'prod', cluster: 'eu' }),
  );
  const { id: deployment } = await deploy(stack);
  const spec = specOf(stack, secret);
  const { id: release } = await store.transaction((tx) =>
    createRelease(tx, key, { commit: secret, build: null, spec }),
  );
  await updateDeployment(store.db, deployment, { release });
  const revision = await store.transaction((tx) => markStable(tx, { stack, deployment, release }));
  await move(deployment, 'succeeded');
  return { deployment, release, revision };
}

test('stable revisions are numbered one after another, once a deployment, and the newest is the way back', async () => {
  expect(await latestStable(store.db, 'steady')).toBeNull();
  const one = await stable('steady', 'one');
  const two = await stable('steady', 'two');
  expect([one.revision.number, two.revision.number]).toEqual([1, 2]);
  const again = { stack: 'steady', deployment: one.deployment, release: one.release };
  expect((await store.transaction((tx) => markStable(tx, again))).number).toBe(1);
  expect(await latestStable(store.db, 'steady')).toMatchObject({ number: 2, release: two.release });
  expect(await findRevision(store.db, 'steady', 1)).toMatchObject({ release: one.release });
  expect((await listRevisions(store.db, 'steady')).map((it) => it.number)).toEqual([2, 1]);
  expect((await told()).filter((type) => type === 'stack.stable')).toHaveLength(2);
});

test('what a stable revision or an open deployment needs is kept, and what is older than the last ones is not', async () => {
  const old = await stable('kept', 'k-old');
  const mid = await stable('kept', 'k-mid');
  const last = await stable('kept', 'k-last');
  expect(await releasesToKeep(store.db, 'kept', 2)).toEqual([last.release, mid.release]);
  const { id } = await deploy('kept', 'rollback');
  await updateDeployment(store.db, id, { release: old.release });
  expect(await releasesToKeep(store.db, 'kept', 2)).toEqual([last.release, mid.release, old.release]);
  await move(id, 'cancelled');
  const specs = await specsToKeep(store.db, key, 'shop', { revisions: 1, releases: 1 });
  const kept = specs.filter((spec) => spec.name === 'kept').map((spec) => spec.files[0]?.base64);
  expect(kept).toEqual([Buffer.from('k-last').toString('base64')]);
});

test('a stack that was removed is gone with what was applied, and begins anew without a way back', async () => {
  const stack = parseStackName('leaving');
  await stable(stack, 'l1');
  const { id: deployment } = await deploy(stack);
  const change = { deployment, attempt: 'forward', change: web, stack } as const;
  await intend(change);
  const wrote = { spec: 1, native: 2 };
  await store.transaction((tx) => recordOutcome(tx, key, change, { status: 'done', wrote }));
  for (let n = 0; n < 2; n += 1) await store.transaction((tx) => markRemoved(tx, stack, true));
  expect((await told()).filter((type) => type === 'stack.removed')).toHaveLength(1);
  expect((await listStacks(store.db, 'shop')).map((it) => it.name)).not.toContain('leaving');
  expect(await appliedThings(store.db, key, stack)).toEqual([]);
  const where = { name: stack, project: 'shop', environment: 'prod', cluster: 'us' };
  await store.transaction((tx) => ensureStack(tx, where));
  expect(await findStack(store.db, stack)).toMatchObject({ cluster: 'us', removedAt: null, stableRevision: null });
  expect(await latestStable(store.db, stack)).toBeNull();
  expect((await stable(stack, 'l2')).revision.number).toBe(2);
});
