import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';
import { table } from '../output.ts';
import { listOf, project } from '../schemas.ts';

export const projectLs = command({
  name: 'project ls',
  about: 'List projects',
  args: z.object({}),
  result: listOf(project),
  run: async (_, { api }) => ({
    items: (await answer(api.GET('/v1/projects', { params: { query: { limit: 500 } } }))).items,
  }),
  show: ({ items }) =>
    table(
      ['name', 'git remote', 'fetched from'],
      items.map((one) => [one.name, one.gitUrl, one.sourceUrl ?? '']),
    ),
});

export const projectAdd = command({
  name: 'project add <name> [source]',
  about: 'Make a project; with a git URL or path its commits can be fetched from there',
  args: z.object({
    name: z.string().describe("1-32 of a-z, 0-9, '-', a letter first"),
    source: z.string().optional().describe('A git URL or path, without a password in it'),
  }),
  result: project,
  run: ({ name, source }, { api }) => answer(api.POST('/v1/projects', { body: { name, sourceUrl: source ?? null } })),
  show: ({ name, gitUrl, sourceUrl }) =>
    `project '${name}' is made: push to ${gitUrl}${sourceUrl === null ? '' : `, or \`slipway project fetch ${name}\``}`,
});

export const projectFetch = command({
  name: 'project fetch <name> [url]',
  about: 'Fetch a project’s branches and tags from its source, and deploy what they say',
  args: z.object({
    name: z.string().describe('The project'),
    url: z.string().optional().describe('From here; by default from its source'),
    ref: z.array(z.string()).default([]).describe('Only this ref: refs/heads/main'),
  }),
  result: z.object({ refs: z.array(z.object({ name: z.string(), commit: z.string() })), lines: z.array(z.string()) }),
  run: ({ name, url, ref }, { api }) => {
    const refs = ref.length > 0 ? ref : ['refs/heads/*', 'refs/tags/*'];
    const body = { refs, ...(url === undefined ? {} : { url }) };
    return answer(api.POST('/v1/projects/{project}/fetch', { params: { path: { project: name } }, body }));
  },
  show: ({ refs, lines }) =>
    [...refs.map((ref) => `${ref.commit.slice(0, 12)} ${ref.name}`), ...lines].map((line) => `${line}\n`).join(''),
});
