import { z } from 'zod';
import { tokenFor } from '../access.ts';
import { command } from '../command.ts';

/**
 * `slipway git-credential get`: git asks for the password of the remote. Source: gitcredentials(7). What it does not know it
 * does not answer, and git goes on to ask elsewhere.
 */
export const gitCredential = command({
  name: 'git-credential [operation]',
  about: 'Answer git with the token of a server (for git itself)',
  args: z.object({ operation: z.string().default('get').describe('get; store and erase do nothing') }),
  result: z.object({ username: z.string().nullable(), password: z.string().nullable() }),
  run: async ({ operation }, { input, env }) => {
    const asked = fieldsOf((await input.readBytes()).toString('utf8'));
    const token = operation === 'get' && asked.host ? tokenFor(`${asked.protocol}://${asked.host}`, env) : null;
    return token === null ? { username: null, password: null } : { username: 'slipway', password: token };
  },
  show: ({ username, password }) => (password === null ? '' : `username=${username}\npassword=${password}\n`),
});

/** `protocol=https`, `host=slipway.example.com:4646`, a line each. */
function fieldsOf(text: string): { readonly protocol: string; readonly host: string } {
  const fields = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  return { protocol: fields.get('protocol') ?? 'https', host: fields.get('host') ?? '' };
}
