import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';
import { secretFrom } from '../given.ts';
import { table } from '../output.ts';
import { listOf, registry, removed } from '../schemas.ts';

export const registryLogin = command({
  name: 'registry login <host>',
  about: 'Keep the credentials of a container registry: they reach builds and nodes',
  details: 'The password is read from the standard input, or asked for on a terminal.',
  args: z.object({
    host: z.string().describe('registry.example.com:5000; docker.io for Docker Hub'),
    username: z.string().describe('The user').meta({ short: 'u' }),
  }),
  result: registry,
  run: async ({ host, username }, context) => {
    const password = await secretFrom(context, undefined, `Password of ${username} at ${host}: `);
    return answer(
      context.api.PUT('/v1/registries/{host}', { params: { path: { host } }, body: { username, password } }),
    );
  },
  show: ({ host, username }) => `credentials of '${username}' at ${host} are kept`,
});

export const registryLs = command({
  name: 'registry ls',
  about: 'List registries whose credentials are kept',
  args: z.object({}),
  result: listOf(registry),
  run: async (_, { api }) => ({
    items: (await answer(api.GET('/v1/registries', { params: { query: { limit: 500 } } }))).items,
  }),
  show: ({ items }) =>
    table(
      ['host', 'user'],
      items.map(({ host, username }) => [host, username]),
    ),
});

export const registryRm = command({
  name: 'registry rm <host>',
  about: 'Forget the credentials of a registry',
  args: z.object({ host: z.string().describe('The registry') }),
  result: removed,
  run: async ({ host }, { api }) => {
    await api.DELETE('/v1/registries/{host}', { params: { path: { host } } });
    return { removed: host };
  },
  show: ({ removed: host }) => `the credentials of ${host} are forgotten`,
});
