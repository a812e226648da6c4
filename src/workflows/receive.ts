import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { EnvironmentConfig, ProjectConfig } from '#domain/project/config.ts';
import { stackNameOf } from '#domain/project/stack-template.ts';
import { skipMarker, triggersOf } from '#domain/project/triggers.ts';
import { listClusters } from '#store/clusters.ts';
import type { NewDeployment } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import { listProjects, listRefs, recordRef, removeRef } from '#store/projects.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { enqueueDeployment } from './enqueue.ts';
import { environmentAt, projectAt } from './load-commit.ts';

/** One ref that moved. `commit` is `null` for one that was deleted. */
export interface RefUpdate {
  readonly ref: string;
  readonly commit: string | null;
}

/**
 * Takes note of refs that moved, and queues what they deploy. @returns lines for the person who pushed: what goes where, or
 * why nothing does. A ref that was noted before with the same commit does nothing: a push is acted on once.
 */
export async function receiveRefs(
  context: Context,
  run: RunDeployment,
  project: string,
  updates: readonly RefUpdate[],
  by: string,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const update of updates) {
    if (!/^refs\/(heads|tags)\//.test(update.ref)) continue;
    try {
      lines.push(...(await receiveRef(context, run, project, update, by)));
    } catch (thrown) {
      const told =
        thrown instanceof SlipwayError
          ? `${thrown.message}${thrown.hint === undefined ? '' : ` (${thrown.hint})`}`
          : messageOf(thrown);
      if (!(thrown instanceof SlipwayError)) context.log(`push to ${project}: ${told}`);
      await ignore(context, project, update, told);
      lines.push(`${short(update.ref)}: nothing is deployed: ${told}`);
    }
  }
  return lines;
}

async function receiveRef(
  context: Context,
  run: RunDeployment,
  project: string,
  update: RefUpdate,
  by: string,
): Promise<readonly string[]> {
  const { ref, commit } = update;
  const isNew = await noteRef(context, project, update, by);
  if (commit === null) return [`${short(ref)}: deleted; what runs goes on running`];
  if (!isNew) return [`${short(ref)}: nothing new`];
  const { message } = await context.sources.commit(project, commit);
  const marker = skipMarker(message);
  if (marker !== null) return ignored(context, project, update, `its commit message says ${marker}`);
  const checkout = await context.sources.checkout(project, commit, AbortSignal.timeout(120_000));
  const config = projectAt(checkout, project);
  const triggers = triggersOf(config, ref);
  const wanted = triggers.filter((trigger) => trigger.deploys);
  if (wanted.length === 0)
    return ignored(
      context,
      project,
      update,
      triggers.map((trigger) => `${trigger.environment}: ${trigger.why}`).join('; ') || 'no environment is declared',
    );
  const lines: string[] = [];
  for (const { environment, why } of wanted) {
    const settings = environmentAt(config, environment);
    const deployment = await enqueueDeployment(context, run, {
      ...(await deploymentOf(context, config, settings, commit)),
      ref,
      kind: 'push',
      options: {},
      requestedBy: by,
    });
    lines.push(
      `${short(ref)} (${commit.slice(0, 12)}) → ${environment}: deployment ${deployment.id} of stack ${deployment.stack} on cluster ${deployment.cluster} (${why})`,
    );
    lines.push(`follow it with: slipway show ${deployment.id} --follow`);
  }
  return lines;
}

/** The row of a deployment of a commit to an environment. @throws SlipwayError where its cluster or its name is wrong */
export async function deploymentOf(
  context: Context,
  config: ProjectConfig,
  environment: EnvironmentConfig,
  commit: string,
): Promise<Pick<NewDeployment, 'project' | 'environment' | 'stack' | 'cluster' | 'commit'>> {
  const stack = stackNameOf(config, environment, commit);
  const cluster = environment.cluster ?? (await defaultCluster(context));
  await context.cluster(cluster);
  return { project: config.project, environment: environment.name, stack, cluster, commit };
}

/** Where an environment goes that names no cluster: the only one, or the one called `default` or `local`. */
async function defaultCluster(context: Context): Promise<string> {
  const names = (await context.store.read((db) => listClusters(db, context.store.key))).map((cluster) => cluster.name);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const found = ['default', 'local'].find((name) => names.includes(name));
  if (found !== undefined) return found;
  throw new SlipwayError(
    'project.invalid',
    'the environment names no cluster, and there is no default one',
    `name one of: ${names.join(', ')}`,
  );
}

/** @returns whether the ref points elsewhere than when it was last seen. */
async function noteRef(context: Context, project: string, { ref, commit }: RefUpdate, by: string): Promise<boolean> {
  return context.store.transaction(async (tx) => {
    if (commit === null) await removeRef(tx, project, ref);
    const before = commit === null ? null : (await recordRef(tx, { project, name: ref, commit })).before;
    if (before === commit && commit !== null) return false;
    await appendEvent(tx, {
      type: 'push.received',
      source: `/projects/${project}`,
      subject: ref,
      project,
      deployment: null,
      data: { project, ref, before, commit, by },
    });
    return true;
  });
}

async function ignored(
  context: Context,
  project: string,
  update: RefUpdate,
  reason: string,
): Promise<readonly string[]> {
  await ignore(context, project, update, reason);
  return [`${short(update.ref)}: nothing is deployed: ${reason}`];
}

async function ignore(context: Context, project: string, { ref, commit }: RefUpdate, reason: string): Promise<void> {
  await context.store.transaction((tx) =>
    appendEvent(tx, {
      type: 'push.ignored',
      source: `/projects/${project}`,
      subject: ref,
      project,
      deployment: null,
      data: { project, ref, commit, reason },
    }),
  );
}

const short = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

/** Compares every repository's refs with those last seen: a push whose news a crash lost is acted on now. */
export async function receiveMissedPushes(context: Context, run: RunDeployment): Promise<void> {
  for (const { name: project } of await context.store.read((db) => listProjects(db))) {
    try {
      const [there, seen] = await Promise.all([
        context.sources.refs(project),
        context.store.read((db) => listRefs(db, project)),
      ]);
      const moved = there
        .filter((ref) => seen.find((old) => old.name === ref.name)?.commit !== ref.commit)
        .map((ref) => ({ ref: ref.name, commit: ref.commit }));
      const gone = seen
        .filter((old) => !there.some((ref) => ref.name === old.name))
        .map((old) => ({ ref: old.name, commit: null }));
      const lines = await receiveRefs(context, run, project, [...moved, ...gone], 'start-up');
      for (const line of lines) context.log(`${project}: ${line}`);
    } catch (thrown) {
      context.log(`${project}: its refs could not be read: ${messageOf(thrown)}`);
    }
  }
}
