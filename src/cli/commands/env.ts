import { z } from 'zod';
import { answer } from '#client/client.ts';
import { parseDotenv } from '#domain/compose/dotenv.ts';
import { SlipwayError } from '#domain/errors.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { openFolder } from '../folder.ts';
import { secretFrom } from '../given.ts';
import { count, table } from '../output.ts';
import { listOf, variable } from '../schemas.ts';

const where = {
  environment: z.string().default('*').describe('Of this environment; by default of all').meta({ short: 'e' }),
  project: z.string().optional().describe('Of this project; by default this folder’s').meta({ short: 'p' }),
};
const path = '/v1/projects/{project}/environments/{environment}/variables' as const;

/** `slipway env set`: values never stand on the command line. */
export const envSet = command({
  name: 'env set [names...]',
  about: 'Set a variable or secret of an environment; the value comes from the standard input or a file',
  details:
    'One name: the whole input is its value. No name: the input is a .env file, and all that it says is set.\n' +
    'A secret is shown to nobody again, and masked wherever it would be printed. What runs gets it by its next deployment.',
  args: z.object({
    names: z.array(z.string()).max(1).default([]).describe('Its name'),
    ...where,
    secret: z.boolean().default(false).describe('It is a secret').meta({ short: 's' }),
    file: z.string().optional().describe('Read the value, or the .env file, from here').meta({ short: 'f' }),
  }),
  result: listOf(variable),
  run: async ({ names: [name], environment, project: named, secret, file }, context) => {
    const project = await projectOf(context, named);
    const text = await secretFrom(context, file, name === undefined ? 'Variables: ' : `Value of ${name}: `);
    const values = name === undefined ? dotenv(text) : new Map([[name, text]]);
    const items = [];
    for (const [key, value] of values)
      items.push(
        await answer(
          context.api.PUT(`${path}/{name}`, {
            params: { path: { project, environment, name: key } },
            body: { value, secret },
          }),
        ),
      );
    return { items };
  },
  show: ({ items }) =>
    `${count(items.length, 'variable')} set: ${items.map((one) => one.name).join(', ')}; \`slipway deploy\` brings it to what runs`,
});

function dotenv(text: string): ReadonlyMap<string, string> {
  try {
    return parseDotenv(text, () => undefined);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'it cannot be read';
    throw new SlipwayError('cli.usage', `the input is no .env file: ${why}`, 'write NAME=value, a line each', thrown);
  }
}

export const envLs = command({
  name: 'env ls',
  about: 'List the variables of an environment; secrets without their values',
  args: z.object({ ...where }),
  result: listOf(variable),
  run: async ({ environment, project: named }, context) => {
    const project = await projectOf(context, named);
    const params = { path: { project, environment }, query: { limit: 500 } };
    return { items: (await answer(context.api.GET(path, { params }))).items };
  },
  show: ({ items }, { paint }) =>
    table(
      ['name', 'environment', 'value'],
      items.map((one) => [
        one.name,
        one.environment === '*' ? 'all' : one.environment,
        one.value ?? paint.faint('(secret)'),
      ]),
    ),
});

export const envRm = command({
  name: 'env rm <names...>',
  about: 'Remove variables or secrets of an environment',
  args: z.object({ names: z.array(z.string()).min(1).describe('Their names'), ...where }),
  result: z.object({ removed: z.array(z.string()) }),
  run: async ({ names, environment, project: named }, context) => {
    const project = await projectOf(context, named);
    for (const name of names)
      await context.api.DELETE(`${path}/{name}`, { params: { path: { project, environment, name } } });
    return { removed: names };
  },
  show: ({ removed }) => `removed: ${removed.join(', ')}`,
});

/** The project that is named, or this folder's: made where a variable comes before the first push. */
async function projectOf({ api, cwd }: Context, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { project: name } = openFolder(cwd).config;
  try {
    await api.GET('/v1/projects/{project}', { params: { path: { project: name } } });
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError) || thrown.code !== 'not_found') throw thrown;
    await api.POST('/v1/projects', { body: { name } });
  }
  return name;
}
