import { staleArtifacts } from '#domain/builds/retention.ts';
import { messageOf } from '#domain/errors.ts';
import { listArtifacts, removeArtifact, type StoredArtifact } from '#store/artifacts.ts';
import { listClusters } from '#store/clusters.ts';
import { openDeployments } from '#store/deployments.ts';
import { specsToKeep } from '#store/keep.ts';
import { listProjects } from '#store/projects.ts';
import type { Context } from './context.ts';

const graceMs = 7 * 86_400_000;

/**
 * Removes the images and folders that Slipway built and nothing needs any more: a week old, of none of a project's last ten
 * releases, and nothing that a live stack runs or may return to. What is still used by something else, or lies where nobody
 * answers, is tried again the next time. Source: requirement 2.3. @returns how many went
 */
export async function removeStaleArtifacts(context: Context, signal: AbortSignal): Promise<number> {
  const { store } = context;
  const projects = (await store.read((db) => listProjects(db))).map((project) => project.name);
  const made = (await Promise.all(projects.map((name) => store.read((db) => listArtifacts(db, name))))).flat();
  const kept = {
    specs: (await Promise.all(projects.map((name) => store.read((db) => specsToKeep(db, store.key, name))))).flat(),
    busy: await busyProjects(context),
    since: Date.now() - graceMs,
  };
  let gone = 0;
  for (const item of staleArtifacts(made, kept)) {
    signal.throwIfAborted();
    if (await removeEverywhere(context, item, signal)) gone += 1;
  }
  return gone;
}

const busyProjects = async ({ store }: Context): Promise<ReadonlySet<string>> =>
  new Set((await store.read((db) => openDeployments(db))).map((deployment) => deployment.project));

/** The thing first: what is listed and not there is built again, what is there and not listed would stay for ever. */
async function removeEverywhere(context: Context, item: StoredArtifact, signal: AbortSignal): Promise<boolean> {
  const { store } = context;
  if ((await busyProjects(context)).has(item.project)) return false;
  let isGone = true;
  for (const { name } of await store.read((db) => listClusters(db, store.key))) {
    try {
      const { builder } = await context.cluster(name);
      if (builder.kind === item.kind && !(await builder.remove(item.artifact, signal))) isGone = false;
    } catch (thrown) {
      context.log(
        `artifact ${item.project}/${item.service} ${item.key.slice(0, 12)} on '${name}': ${messageOf(thrown)}`,
      );
      isGone = false;
    }
  }
  if (isGone) await store.read((db) => removeArtifact(db, item));
  return isGone;
}
