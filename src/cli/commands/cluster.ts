import { z } from 'zod';
import { answer, type Schema } from '#client/client.ts';
import { SlipwayError } from '#domain/errors.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { count, table } from '../output.ts';
import { cluster, listOf, removed } from '../schemas.ts';

const addArgs = z.object({
  name: z.string().describe('How it will be called'),
  socket: z
    .string()
    .default('/var/run/docker.sock')
    .describe('The socket of the Docker Engine, on the server’s machine'),
  registry: z.string().optional().describe('Where its images are pushed; several nodes need one'),
  init: z
    .string()
    .optional()
    .describe('Make the engine a swarm, reached by other nodes at this address, where it is in none'),
});

/** `slipway cluster add`: where the engine is in no swarm, it offers to make one. */
export const clusterAdd = command({
  name: 'cluster add <name>',
  about: 'Register a Docker Swarm; where the engine is in none, offer `swarm init`',
  args: addArgs,
  result: cluster,
  run: async (said, context) => {
    const { name, socket: socketPath, registry } = said;
    const advertiseAddr = await initAddress(said, context);
    const init = advertiseAddr === null ? {} : { init: { advertiseAddr } };
    const settings = { socketPath, registry: registry ?? null };
    return answer(context.api.POST('/v1/clusters', { body: { name, engine: 'swarm', settings, ...init } }));
  },
  show: ({ name, nodes }) => `cluster '${name}' is registered: ${count(nodes.length, 'node')}`,
});

/** The address to make a swarm at; `null`: it is one already. @throws SlipwayError `cli.usage` where nobody said or can be asked */
async function initAddress(
  { init, socket: socketPath }: z.output<typeof addArgs>,
  context: Context,
): Promise<string | null> {
  const { state } = await answer(context.api.GET('/v1/swarm-state', { params: { query: { socketPath } } }));
  if (state !== 'none') return null;
  if (init !== undefined) return init;
  const none = `the Docker Engine at ${socketPath} is in no swarm`;
  if (context.input.isTerminal && !context.screen.json) {
    const said = await context.input.ask(`${none}. Make it one (docker swarm init)? Its address [127.0.0.1], or n: `);
    if (!/^no?$/i.test(said)) return said === '' || /^y(es)?$/i.test(said) ? '127.0.0.1' : said;
  }
  throw new SlipwayError(
    'cli.usage',
    none,
    'make it one with --init <address>: 127.0.0.1 where it stays the only node',
  );
}

export const clusterLs = command({
  name: 'cluster ls',
  about: 'List clusters, with their nodes',
  args: z.object({}),
  result: listOf(cluster),
  run: async (_, { api }) => ({
    items: (await answer(api.GET('/v1/clusters', { params: { query: { limit: 500 } } }))).items,
  }),
  show: ({ items }, { paint }) =>
    table(
      ['name', 'engine', 'state', 'nodes', 'registry'],
      (items as Schema<'Cluster'>[]).map((one) => [
        one.name,
        one.engine,
        one.reachable ? paint.good('reachable') : paint.bad(one.why ?? 'unreachable'),
        one.nodes.map((node) => `${node.name} (${node.role}${node.ready ? '' : ', not ready'})`).join(', '),
        typeof one.settings.registry === 'string' ? one.settings.registry : '',
      ]),
    ),
});

export const clusterRm = command({
  name: 'cluster rm <name>',
  about: 'Forget a cluster on which no stack runs; the cluster itself is left as it is',
  args: z.object({ name: z.string().describe('Its name') }),
  result: removed,
  run: async ({ name }, { api }) => {
    await api.DELETE('/v1/clusters/{cluster}', { params: { path: { cluster: name } } });
    return { removed: name };
  },
  show: ({ removed: name }) => `cluster '${name}' is forgotten`,
});
