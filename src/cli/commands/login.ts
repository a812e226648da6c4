import { z } from 'zod';
import { answer, slipwayClient } from '#client/client.ts';
import { SlipwayError } from '#domain/errors.ts';
import { credentialsFile, findAccess, originOf, readCredentials, writeCredentials } from '../access.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';

/** `slipway login`: checks a token with its server before it keeps it. */
export const login = command({
  name: 'login [url]',
  about: 'Keep the token of a server, so that further commands ask that server',
  details:
    'The token is read from the standard input, or asked for on a terminal; never from the command line, where others see\n' +
    'it. It is kept in ~/.config/slipway/credentials.json, readable by you only. The first token of a server is in the file\n' +
    '`token` of its data folder.',
  args: z.object({
    url: z.string().optional().describe('The server; by default SLIPWAY_URL, or the one on this machine'),
  }),
  result: z.object({ url: z.string(), user: z.string(), version: z.string(), file: z.string() }),
  run: async ({ url: named }, context) => {
    const { env } = context;
    const url = originOf(named ?? context.server ?? findAccess(null, { ...env, SLIPWAY_TOKEN: 'none' }).url);
    const token = (await readToken(url, context)).trim();
    if (token === '')
      throw new SlipwayError('cli.usage', 'no token was given', 'pipe it in: `slipway login <url> < token`');
    const { user, version } = await answer(slipwayClient({ url, token }).GET('/v1/status'));
    const { servers } = readCredentials(env);
    writeCredentials(env, { current: url, servers: { ...servers, [url]: { token } } });
    return { url, user, version, file: credentialsFile(env) };
  },
  show: ({ url, user, file }) => `logged in to ${url} as '${user}'; the token is kept in ${file}`,
});

async function readToken(url: string, { env, input }: Context): Promise<string> {
  if (!input.isTerminal) return (await input.readBytes()).toString('utf8');
  return env.SLIPWAY_TOKEN ?? input.askSecretly(`Token of ${url}: `);
}
