import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A server and the token by which it knows us. */
export interface Access {
  readonly url: string;
  readonly token: string;
}

/** What `slipway login` keeps: a token for each server, and the one that is asked by default. */
const credentialsSchema = z.object({
  current: z.string().nullable(),
  servers: z.record(z.string(), z.object({ token: z.string() })),
});
export type Credentials = z.output<typeof credentialsSchema>;

const serverFile = z.object({ url: z.string(), pid: z.number() });
/** A server on this machine, as it says itself in `<data>/server.json`. */
export type LocalServer = z.output<typeof serverFile>;

/**
 * Which server to ask, and with which token: what was said (`--server`, SLIPWAY_URL, SLIPWAY_TOKEN), else what
 * `slipway login` stored, else a server on this machine, by its data folder.
 * @throws SlipwayError `auth.required`
 */
export function findAccess(server: string | null, env: Env): Access {
  const credentials = readCredentials(env);
  const local = localAccess(env);
  const url = server ?? credentials.current ?? local?.url ?? null;
  if (url === null)
    throw new SlipwayError(
      'auth.required',
      'no Slipway server is known here',
      'start one with `slipway up`, log in to one with `slipway login <url>`, or set SLIPWAY_URL and SLIPWAY_TOKEN, or SLIPWAY_DATA for one on this machine',
    );
  const token = tokenFor(url, env);
  if (token !== null) return { url: originOf(url), token };
  throw new SlipwayError(
    'auth.required',
    `there is no token for ${originOf(url)}`,
    `log in with \`slipway login ${url}\``,
  );
}

/** The token for a server: SLIPWAY_TOKEN, a stored one, or the local server's own. `null`: none. */
export function tokenFor(url: string, env: Env): string | null {
  const given = env.SLIPWAY_TOKEN?.trim();
  if (given !== undefined && given !== '') return given;
  const origin = originOf(url);
  const stored = readCredentials(env).servers[origin]?.token;
  if (stored !== undefined) return stored;
  const local = localAccess(env);
  return local !== null && isSameServer(local.url, origin) ? local.token : null;
}

/** Where a server's data is unless `--data` or SLIPWAY_DATA says otherwise. */
export function defaultDataFolder(env: Env): string {
  if (env.SLIPWAY_DATA !== undefined && env.SLIPWAY_DATA !== '') return env.SLIPWAY_DATA;
  return process.getuid?.() === 0 ? '/var/lib/slipway' : join(homeOf(env), '.slipway');
}

/** The server that runs, or ran, on a data folder; `null` where none says so. */
export function readServerFile(dataFolder: string): LocalServer | null {
  return parsed(serverFile, textOf(join(dataFolder, 'server.json')));
}

function localAccess(env: Env): Access | null {
  const folder = defaultDataFolder(env);
  const server = readServerFile(folder);
  const token = textOf(join(folder, 'token')).trim();
  return server === null || token === '' ? null : { url: server.url, token };
}

/** `https://host:port`, as credentials are kept by. @throws SlipwayError `cli.usage` */
export function originOf(url: string): string {
  try {
    const { protocol, origin } = new URL(url.includes('://') ? url : `http://${url}`);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // worded below
  }
  throw new SlipwayError('cli.usage', `'${url}' is no server's address`, 'write it as https://slipway.example.com');
}

/** `localhost` and 127.0.0.1 on the same port are the same machine. */
const isSameServer = (a: string, b: string): boolean =>
  originOf(a).replace('//localhost', '//127.0.0.1') === b.replace('//localhost', '//127.0.0.1');

/** Where `slipway login` keeps tokens: below XDG_CONFIG_HOME, else ~/.config. */
export const credentialsFile = (env: Env): string =>
  join(env.XDG_CONFIG_HOME || join(homeOf(env), '.config'), 'slipway', 'credentials.json');

/** The tokens that `slipway login` kept; none where there is no such file. */
export function readCredentials(env: Env): Credentials {
  return parsed(credentialsSchema, textOf(credentialsFile(env))) ?? { current: null, servers: {} };
}

/** Written whole, and readable by its owner only. */
export function writeCredentials(env: Env, credentials: Credentials): void {
  const file = credentialsFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}

const homeOf = (env: Env): string => env.HOME || homedir();

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // not there, or another user's: then it is not ours to use
    return '';
  }
}

function parsed<S extends z.ZodType>(schema: S, text: string): z.output<S> | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
