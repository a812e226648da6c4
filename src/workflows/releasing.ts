import { SlipwayError } from '#domain/errors.ts';
import { versionedName } from '#domain/stack/files.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { attemptOf, saveTarget } from '#store/attempts.ts';
import { type Deployment, getDeployment, updateDeployment } from '#store/deployments.ts';
import { releasesToKeep } from '#store/keep.ts';
import { createRelease, releaseSpec } from '#store/releases.ts';
import { latestStable, markStable } from '#store/revisions.ts';
import { ensureStack } from '#store/stacks.ts';
import type { Context } from './context.ts';
import { draftOf } from './drafts.ts';
import { resolveSpec } from './resolve.ts';

/** Makes what a commit says, with its artifacts, the target of the deployment. */
export async function targetOfDraft(context: Context, deployment: Deployment, signal: AbortSignal): Promise<null> {
  const adapters = await context.cluster(deployment.cluster);
  const draft = await draftOf(context, deployment.id);
  const spec = await resolveSpec(context, adapters, draft, { pull: false, keep: true }, signal);
  const missing = spec.services.filter((service) => service.artifact.kind === 'unbuilt');
  if (missing.length > 0)
    throw new SlipwayError('internal', `not built: ${missing.map((service) => service.name).join(', ')}`);
  await context.store.transaction((tx) => saveTarget(tx, context.store.key, deployment.id, 'forward', spec));
  return null;
}

/**
 * Makes a release's own specification the target: a rollback builds and tests nothing.
 * @throws SlipwayError `image.not_found` where what was built for it is not there any more
 */
export async function targetOfRelease(context: Context, deployment: Deployment, signal: AbortSignal): Promise<null> {
  const { store } = context;
  if (deployment.release === null) throw new SlipwayError('internal', `deployment ${deployment.id} has no release`);
  const spec = await store.read((db) => releaseSpec(db, store.key, deployment.release ?? 0));
  await requireBuilt(context, deployment, spec, signal);
  await store.transaction((tx) => saveTarget(tx, store.key, deployment.id, 'forward', spec));
  return null;
}

/** A release older than those that are kept may have lost its images: said before the stack is touched. */
async function requireBuilt(
  context: Context,
  { cluster, release }: Deployment,
  spec: StackSpec,
  signal: AbortSignal,
): Promise<void> {
  const { builder } = await context.cluster(cluster);
  const built = spec.services.filter(({ artifact }) => 'commit' in artifact && artifact.commit !== null);
  const there = await Promise.all(built.map((service) => builder.has(service.artifact, signal)));
  const lost = built.filter((_, index) => !there[index]).map((service) => service.name);
  if (lost.length > 0)
    throw new SlipwayError(
      'image.not_found',
      `release ${release} cannot run any more: what was built for ${lost.join(', ')} is gone`,
      'deploy its commit again, which builds it anew',
    );
}

/** Records the release of what was built and tested. @returns its id. */
export async function makeRelease(context: Context, id: number, build: number): Promise<number> {
  const { store } = context;
  return store.transaction(async (tx) => {
    const deployment = await getDeployment(tx, id);
    const row = await attemptOf(tx, store.key, id, 'forward');
    if (!row) throw new SlipwayError('internal', `deployment ${id} has no target`);
    const release = await createRelease(tx, store.key, { commit: deployment.commit ?? '', build, spec: row.spec });
    await updateDeployment(tx, id, { release: release.id });
    return release.id;
  });
}

/** Notes the stack as existing, with the revision it returns to if this deployment fails. */
export async function noteStack(context: Context, deployment: Deployment): Promise<null> {
  const { stack: name, project, environment, cluster } = deployment;
  await context.store.transaction(async (tx) => {
    const stack = await ensureStack(tx, { name, project, environment, cluster });
    if (stack.project !== project || stack.environment !== environment)
      throw new SlipwayError(
        'conflict',
        `stack '${name}' belongs to ${stack.project}/${stack.environment}`,
        'give this one another name with `stack:` in slipway.yaml',
      );
    await updateDeployment(tx, deployment.id, { previous: (await latestStable(tx, name))?.number ?? null });
  });
  return null;
}

/** Marks the deployment's release as the stack's stable revision, and lets go of configs and secrets that none needs. */
export async function recordRevision(context: Context, deployment: Deployment, signal: AbortSignal): Promise<null> {
  const { store } = context;
  const { stack, id } = deployment;
  await store.transaction(async (tx) => {
    const { release } = await getDeployment(tx, id);
    const last = await latestStable(tx, stack);
    if (release !== null && last?.release !== release) await markStable(tx, { stack, deployment: id, release });
  });
  const keep = await versionsToKeep(context, stack);
  const { engine } = await context.cluster(deployment.cluster);
  await engine.prune(parseStackName(stack), keep, signal);
  return null;
}

async function versionsToKeep(context: Context, stack: string): Promise<ReadonlySet<string>> {
  const { store, versionKey } = context;
  const keep = new Set<string>();
  for (const release of await store.read((db) => releasesToKeep(db, stack)))
    for (const name of fileNames(await store.read((db) => releaseSpec(db, store.key, release)), versionKey))
      keep.add(name);
  return keep;
}

const fileNames = (spec: StackSpec, versionKey: Uint8Array): readonly string[] =>
  spec.files.map((file) => versionedName(file, versionKey));
