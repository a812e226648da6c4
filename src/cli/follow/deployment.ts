import { answer, type Schema, type SlipwayClient } from '#client/client.ts';
import { deploymentLog, events } from '#client/streams.ts';
import { isFinal } from '#domain/deployment.ts';
import { merged } from './merged.ts';
import { readMoved, type Seen } from './view.ts';

type Deployment = Schema<'Deployment'>;
type CloudEvent = Schema<'CloudEvent'>;

/** What comes while a deployment is followed; the last is the deployment as it ended. */
export type FollowItem =
  | { readonly event: CloudEvent }
  | { readonly log: Schema<'BuildLogLine'> }
  | { readonly deployment: Deployment };

export interface FollowOptions {
  /** With the output of the build. */
  readonly logs: boolean;
}

/**
 * Everything that happened and happens in a deployment, from its beginning until it is over or the signal: aborted, it ends
 * without the deployment. It outlives a restart of the server.
 */
export async function* followDeployment(
  api: SlipwayClient,
  deployment: Deployment,
  options: FollowOptions,
  signal: AbortSignal,
): AsyncIterable<FollowItem> {
  const ending = new AbortController();
  const until = AbortSignal.any([signal, ending.signal]);
  const sources: AsyncIterable<FollowItem>[] = [untilOver(api, deployment, until, ending)];
  if (options.logs && deployment.kind !== 'rollback' && deployment.kind !== 'remove')
    sources.push(quietly(asItems(deploymentLog(api, deployment.id, { follow: true }, until)), until));
  yield* merged(sources);
  if (signal.aborted) return;
  yield { deployment: await getDeployment(api, deployment.id) };
}

/** A deployment with its build, tests and changes. */
export const getDeployment = (api: SlipwayClient, id: number) =>
  answer(api.GET('/v1/deployments/{id}', { params: { path: { id } } }));

async function* untilOver(
  api: SlipwayClient,
  deployment: Deployment,
  signal: AbortSignal,
  ending: AbortController,
): AsyncIterable<FollowItem> {
  const after = await beginningOf(api, deployment);
  for await (const event of events(api, { project: deployment.project, after }, signal)) {
    if (!belongs(event, deployment)) continue;
    yield { event };
    const moved = readMoved(seenOf(event));
    if (moved !== null && isFinal(moved.status)) break;
  }
  // the output of the build is all there by now: give it a moment to arrive
  if (!signal.aborted) setTimeout(() => ending.abort(), 300).unref();
}

/** The sequence number just before the deployment's first event. */
async function beginningOf(api: SlipwayClient, { id }: Deployment): Promise<number> {
  const query = { deployment: id, types: 'deployment.queued', limit: 1 };
  const page = await answer(api.GET('/v1/events', { params: { query } }));
  const first = typeof page === 'string' ? undefined : page.items[0];
  return first === undefined ? 0 : Number(first.sequence) - 1;
}

/** Builds are shared by deployments of one commit: their events name the commit only. */
function belongs(event: CloudEvent, { id, commit, stack }: Deployment): boolean {
  const data: unknown = event.data;
  if (data === null || typeof data !== 'object') return false;
  if ('deployment' in data) return data.deployment === id;
  if (event.type.startsWith('tests.')) return event.subject === stack;
  return 'commit' in data && data.commit === commit && /^(build|release)\./.test(event.type);
}

/** The part of an event that the view is made of. */
export const seenOf = (event: CloudEvent): Seen => ({ type: event.type, at: Date.parse(event.time), data: event.data });

async function* asItems(lines: AsyncIterable<Schema<'BuildLogLine'>>): AsyncIterable<FollowItem> {
  for await (const log of lines) yield { log };
}

/** What breaks because it was told to end is no error. */
async function* quietly(items: AsyncIterable<FollowItem>, signal: AbortSignal): AsyncIterable<FollowItem> {
  try {
    yield* items;
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}
