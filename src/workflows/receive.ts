import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { EnvironmentConfig, ProjectConfig } from '#domain/project/config.ts';
import { stackNameOf } from '#domain/project/stack-template.ts';
import { skipMarker, triggersOf } from '#domain/project/triggers.ts';
import { listClusters } from '#store/clusters.ts';
import type { Deployment, NewDeployment } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import { listProjects, listRefs, lockProject, recordRef, removeRef } from '#store/projects.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { handOver, queueDeployment } from './enqueue.ts';
import { failpoint } from './failpoint.ts';
import { environmentAt, projectAt } from './load-commit.ts';
import { mayPass } from './outcome.ts';

/** One ref that moved. `commit` is `null` for one that was deleted. */
export interface RefUpdate {
  readonly ref: string;
  readonly commit: string | null;
}

/**
 * Takes note of refs that moved, and queues what they deploy, each ref in one transaction: a crash leaves both or neither.
 * @returns lines for the person who pushed: what goes where, or why nothing does. A ref that was noted before with the same
 * commit does nothing: a push is acted on once.
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
    lines.push(...(await receiveRef(context, run, project, update, by)));
  }
  return lines;
}

/** What a moved ref comes to: deployments, or the reason why there is none. */
type Meaning =
  | { readonly at: 'deploys'; readonly wanted: readonly { readonly deployment: NewDeployment; readonly why: string }[] }
  | { readonly at: 'ignored'; readonly why: string }
  | { readonly at: 'deleted' };

async function receiveRef(
  context: Context,
  run: RunDeployment,
  project: string,
  update: RefUpdate,
  by: string,
): Promise<readonly string[]> {
  const known = (await context.store.read((db) => listRefs(db, project))).find((ref) => ref.name === update.ref);
  if ((known?.commit ?? null) === update.commit) return [`${short(update.ref)}: nothing new`];
  try {
    const meaning = await meaningOf(context, project, update, by);
    failpoint('push:understood');
    const made = await note(context, project, update, meaning, by);
    failpoint('push:noted');
    if (made === null) return [`${short(update.ref)}: nothing new`];
    for (const deployment of made) await handOver(run, deployment);
    return worded(update, meaning, made);
  } catch (thrown) {
    // not noted: the minute's look at all refs tries again
    context.log(`push to ${project}: ${messageOf(thrown)}`);
    return [`${short(update.ref)}: nothing is deployed yet: ${messageOf(thrown)}; it is tried again`];
  }
}

/** @throws what may pass by itself; every other error is why the ref is ignored. */
async function meaningOf(context: Context, project: string, update: RefUpdate, by: string): Promise<Meaning> {
  const { ref, commit } = update;
  if (commit === null) return { at: 'deleted' };
  try {
    const { message } = await context.sources.commit(project, commit);
    const marker = skipMarker(message);
    if (marker !== null) return { at: 'ignored', why: `its commit message says ${marker}` };
    const checkout = await context.sources.checkout(project, commit, AbortSignal.timeout(120_000));
    const config = projectAt(checkout, project);
    const triggers = triggersOf(config, ref);
    const wanted = [];
    for (const { environment, why } of triggers.filter((trigger) => trigger.deploys)) {
      const about = await deploymentOf(context, config, environmentAt(config, environment), commit);
      const deployment: NewDeployment = { ...about, ref, kind: 'push', options: {}, requestedBy: by };
      wanted.push({ deployment, why });
    }
    if (wanted.length > 0) return { at: 'deploys', wanted };
    const whys = triggers.map((trigger) => `${trigger.environment}: ${trigger.why}`).join('; ');
    return { at: 'ignored', why: whys || 'no environment is declared' };
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError) || mayPass(thrown)) throw thrown;
    return { at: 'ignored', why: `${thrown.message}${thrown.hint === undefined ? '' : ` (${thrown.hint})`}` };
  }
}

/** Notes the ref with its event and what it deploys. @returns the deployments; `null`: somebody else has noted it. */
async function note(
  context: Context,
  project: string,
  { ref, commit }: RefUpdate,
  meaning: Meaning,
  by: string,
): Promise<readonly Deployment[] | null> {
  return context.store.transaction(async (tx) => {
    await lockProject(tx, project);
    const before = (await listRefs(tx, project)).find((known) => known.name === ref)?.commit ?? null;
    if (before === commit) return null;
    if (commit === null) await removeRef(tx, project, ref);
    else await recordRef(tx, { project, name: ref, commit });
    const about = { source: `/projects/${project}`, subject: ref, project, deployment: null };
    await appendEvent(tx, { ...about, type: 'push.received', data: { project, ref, before, commit, by } });
    if (meaning.at === 'ignored')
      await appendEvent(tx, { ...about, type: 'push.ignored', data: { project, ref, commit, reason: meaning.why } });
    const made: Deployment[] = [];
    for (const { deployment } of meaning.at === 'deploys' ? meaning.wanted : [])
      made.push(await queueDeployment(tx, deployment));
    return made;
  });
}

function worded(update: RefUpdate, meaning: Meaning, made: readonly Deployment[]): readonly string[] {
  if (meaning.at === 'deleted') return [`${short(update.ref)}: deleted; what runs goes on running`];
  if (meaning.at === 'ignored') return [`${short(update.ref)}: nothing is deployed: ${meaning.why}`];
  return made.flatMap(({ id, stack, cluster, environment }, index) => [
    `${short(update.ref)} (${update.commit?.slice(0, 12)}) → ${environment}: deployment ${id} of stack ${stack} on cluster ${cluster} (${meaning.wanted[index]?.why})`,
    `follow it with: slipway show ${id} --follow`,
  ]);
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

const short = (ref: string): string => ref.replace(/^refs\/(heads|tags)\//, '');

/** Compares every repository's refs with those last seen: a push whose news was lost is acted on now. */
export async function receiveMissedPushes(context: Context, run: RunDeployment, by: string): Promise<void> {
  for (const { name } of await context.store.read((db) => listProjects(db))) {
    const lines = await receiveMissed(context, run, name, by).catch((thrown: unknown) => [
      `its refs could not be read: ${messageOf(thrown)}`,
    ]);
    for (const line of lines) context.log(`${name}: ${line}`);
  }
}

/** The same for one project. @returns a line for each ref that had moved unseen. */
export async function receiveMissed(
  context: Context,
  run: RunDeployment,
  project: string,
  by: string,
): Promise<readonly string[]> {
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
  return receiveRefs(context, run, project, [...moved, ...gone], by);
}
