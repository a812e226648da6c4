import { z } from 'zod';
import type { NodeInfo } from '#adapters/engines/contract.ts';
import { swarmSettings } from '#adapters/engines/swarm/settings.ts';
import { dockerAt, type SwarmState, swarmInit, swarmState } from '#adapters/engines/swarm/state.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { type Cluster, findCluster, listClusters, removeCluster, saveCluster } from '#store/clusters.ts';
import { plainName, time, timeField } from './fields.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';

const nodeView = z
  .object({
    name: z.string(),
    role: z.enum(['manager', 'worker', 'single']),
    ready: z.boolean(),
    platform: z.string(),
    cpus: z.number(),
    memoryBytes: z.number(),
  })
  .meta({ id: 'Node' });
const clusterView = z
  .object({
    name: z.string(),
    engine: z.enum(['local', 'swarm']),
    settings: z.record(z.string(), z.unknown()),
    reachable: z.boolean(),
    why: z.string().nullable().describe('Why it cannot be reached'),
    nodes: z.array(nodeView),
    createdAt: timeField,
  })
  .meta({ id: 'Cluster' });
const swarmView = z
  .object({
    state: z.enum(['none', 'worker', 'manager']),
    node: z.string().nullable(),
    nodes: z.number().nullable(),
  })
  .meta({ id: 'SwarmState' });
const newCluster = z.object({
  name: plainName,
  engine: z.literal('swarm'),
  settings: swarmSettings.prefault({}),
  init: z
    .object({ advertiseAddr: z.string().min(1).max(255).describe('The address by which other nodes will reach it') })
    .nullish()
    .describe('Makes the engine a swarm of one node where it is in none'),
});
const named = z.object({ cluster: plainName });
const tags = ['clusters'];
/** A cluster that does not answer must not hold the list up. */
const stateMs = 5_000;

/** Clusters: where stacks run. */
export function clusterRoutes(app: App, parts: ApiParts): void {
  readClusters(app, parts);
  changeClusters(app, parts);
}

function readClusters(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.get(
    '/v1/clusters',
    {
      schema: {
        operationId: 'listClusters',
        summary: 'List clusters by name, each with its nodes as they are now',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(clusterView) },
      },
    },
    async ({ query }) => {
      const all = await store.read((db) => listClusters(db, store.key));
      const { rows, next } = namedPage(query, all, (row) => row.name);
      return { items: await Promise.all(rows.map((row) => viewOf(parts, row))), next };
    },
  );
  app.get(
    '/v1/clusters/:cluster',
    {
      schema: {
        operationId: 'getCluster',
        summary: 'A cluster',
        tags,
        params: named,
        response: { 200: clusterView },
      },
    },
    async ({ params }) => viewOf(parts, await getCluster(parts, params.cluster)),
  );
  app.get(
    '/v1/swarm-state',
    {
      schema: {
        operationId: 'getSwarmState',
        summary: 'What a Docker Engine is to a swarm, before it is registered',
        tags,
        querystring: swarmSettings.pick({ socketPath: true }),
        response: { 200: swarmView },
      },
    },
    async ({ query: { socketPath } }) =>
      swarmViewOf(await swarmState(dockerAt(socketPath), AbortSignal.timeout(15_000))),
  );
}

function changeClusters(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.post(
    '/v1/clusters',
    {
      schema: {
        operationId: 'addCluster',
        summary: 'Register a Docker Swarm, or make a Docker Engine one',
        tags,
        body: newCluster,
        response: { 201: clusterView },
      },
    },
    async ({ body }, reply) => reply.status(201).send(await viewOf(parts, await addCluster(parts, body))),
  );
  app.delete(
    '/v1/clusters/:cluster',
    {
      schema: {
        operationId: 'removeCluster',
        summary: 'Forget a cluster on which no stack runs',
        tags,
        params: named,
        response: { 204: z.null().describe('Forgotten') },
      },
    },
    async ({ params: { cluster } }, reply) => {
      const { engine } = await getCluster(parts, cluster);
      if (engine === 'local') throw new SlipwayError('conflict', 'the local cluster is this machine: it stays');
      await store.transaction((tx) => removeCluster(tx, cluster));
      await parts.clusters.forget(cluster);
      return reply.status(204).send(null);
    },
  );
}

/** @throws SlipwayError `not_found` */
async function getCluster({ store }: ApiParts, name: string): Promise<Cluster> {
  const found = await store.read((db) => findCluster(db, store.key, name));
  if (found) return found;
  throw new SlipwayError('not_found', `there is no cluster '${name}'`, 'list them with `slipway cluster ls`');
}

async function addCluster(parts: ApiParts, body: z.output<typeof newCluster>): Promise<Cluster> {
  const { store } = parts;
  const { name, engine, settings, init } = body;
  if (await store.read((db) => findCluster(db, store.key, name)))
    throw new SlipwayError(
      'conflict',
      `there is a cluster '${name}' already`,
      'remove it first, or choose another name',
    );
  const docker = dockerAt(settings.socketPath);
  const signal = AbortSignal.timeout(60_000);
  const state = init ? await swarmInit(docker, init, signal) : await swarmState(docker, signal);
  if (state.state !== 'manager') throw unfit(settings.socketPath, state.state);
  await store.transaction(async (tx) => {
    if (await findCluster(tx, store.key, name))
      throw new SlipwayError('conflict', `there is a cluster '${name}' already`);
    await saveCluster(tx, store.key, { name, engine, settings, credential: null });
  });
  await parts.clusters.forget(name);
  return getCluster(parts, name);
}

const unfit = (socketPath: string, state: 'none' | 'worker'): SlipwayError =>
  state === 'none'
    ? new SlipwayError(
        'conflict',
        `the Docker Engine at ${socketPath} is in no swarm`,
        'make it one: `slipway cluster add <name> --init <address>`',
      )
    : new SlipwayError(
        'conflict',
        `the Docker Engine at ${socketPath} is a worker of its swarm`,
        'register a manager of that swarm',
      );

async function viewOf(parts: ApiParts, cluster: Cluster): Promise<z.output<typeof clusterView>> {
  const { name, engine, settings, createdAt } = cluster;
  const state = await stateOf(parts, name);
  return {
    name,
    engine,
    settings: z.record(z.string(), z.unknown()).parse(settings),
    ...state,
    createdAt: time(createdAt),
  };
}

async function stateOf(
  parts: ApiParts,
  name: string,
): Promise<{ reachable: boolean; why: string | null; nodes: NodeInfo[] }> {
  try {
    const { engine } = await parts.clusters.get(name);
    return { reachable: true, why: null, nodes: [...(await engine.nodes(AbortSignal.timeout(stateMs)))] };
  } catch (thrown) {
    return { reachable: false, why: whyOf(thrown), nodes: [] };
  }
}

/** Why an engine did not answer, for people. */
export const whyOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.name === 'TimeoutError'
    ? `no answer within ${stateMs / 1000} s`
    : messageOf(thrown);

const swarmViewOf = (state: SwarmState) => ({
  state: state.state,
  node: state.state === 'none' ? null : state.node,
  nodes: state.state === 'manager' ? state.nodes : null,
});
