import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Builder } from '#adapters/builds/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import type { Artifact } from '#domain/stack/spec.ts';
import { findArtifact, saveArtifact } from '#store/artifacts.ts';
import { saveCluster } from '#store/clusters.ts';
import { createDeployment, setDeploymentStatus } from '#store/deployments.ts';
import { saveProject } from '#store/projects.ts';
import { keyOf } from '#store/sealing.ts';
import { startTestStore, type TestStore } from '#store/test-store.ts';
import type { Context } from './context.ts';
import { removeStaleArtifacts } from './retention.ts';

const key = keyOf(Buffer.alloc(32, 7));
const never = new AbortController().signal;
let at: TestStore;
beforeAll(async () => {
  at = await startTestStore(key);
  await saveProject(at.store.db, { name: 'shop', sourceUrl: null });
  for (const [name, engine] of [
    ['here', 'local'],
    ['swarm', 'swarm'],
  ] as const)
    await at.store.transaction((tx) => saveCluster(tx, key, { name, engine, settings: {}, credential: null }));
});
afterAll(() => at.stop());

type Removal = (artifact: Artifact) => Promise<boolean>;

/** Only what a removal needs: the clusters' builders and the store. */
function contextWith(images: Removal, log: string[] = []): Context {
  const builder = (kind: Builder['kind'], remove: Removal) => ({ builder: { kind, remove } });
  const folders = builder('checkout', async () => true);
  return {
    store: at.store,
    cluster: async (name: string) => (name === 'swarm' ? builder('image', images) : folders),
    log: (line: string) => log.push(line),
  } as unknown as Context;
}

async function built(tag: string, days: number) {
  const artifact: Artifact = { kind: 'image', reference: `slipway/shop/web:${tag}`, pinned: tag, commit: 'c' };
  const place = { project: 'shop', kind: 'image', service: 'web', key: tag } as const;
  await saveArtifact(at.store.db, { ...place, artifact, commit: 'c', build: null });
  await sql`update artifacts set created_at = now() - make_interval(days => ${days}) where key = ${tag}`.execute(
    at.store.db,
  );
  return { artifact, isListed: async () => (await findArtifact(at.store.db, place)) !== null };
}

test('what is old goes from where it was built and from the list, what is young stays', async () => {
  const [old, young] = [await built('old', 8), await built('young', 6)];
  const asked: Artifact[] = [];
  const context = contextWith(async (artifact) => asked.push(artifact) > 0);
  expect(await removeStaleArtifacts(context, never)).toBe(1);
  expect(asked).toEqual([old.artifact]);
  expect([await old.isListed(), await young.isListed()]).toEqual([false, true]);
});

test('what is in use, or lies where nobody answers, stays listed and is tried again', async () => {
  const old = await built('again', 8);
  const log: string[] = [];
  expect(
    await removeStaleArtifacts(
      contextWith(async () => false),
      never,
    ),
  ).toBe(0);
  const away = async () => Promise.reject(new SlipwayError('engine.unreachable', 'the engine is away'));
  expect(await removeStaleArtifacts(contextWith(away, log), never)).toBe(0);
  expect(log).toEqual([expect.stringContaining("on 'swarm': the engine is away")]);
  expect(await old.isListed()).toBe(true);
  expect(
    await removeStaleArtifacts(
      contextWith(async () => true),
      never,
    ),
  ).toBe(1);
});

test('nothing goes while something of the project is deployed', async () => {
  const old = await built('waiting', 8);
  const { id } = await at.store.transaction((tx) =>
    createDeployment(tx, {
      project: 'shop',
      environment: 'prod',
      stack: 'shop-prod',
      cluster: 'swarm',
      commit: 'c',
      ref: null,
      kind: 'deploy',
      options: null,
      requestedBy: 'test',
    }),
  );
  const context = contextWith(async () => true);
  expect([await removeStaleArtifacts(context, never), await old.isListed()]).toEqual([0, true]);
  await at.store.transaction((tx) => setDeploymentStatus(tx, id, 'cancelled'));
  expect([await removeStaleArtifacts(context, never), await old.isListed()]).toEqual([1, false]);
});
