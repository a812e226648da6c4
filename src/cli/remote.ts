import { realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import { git } from './git.ts';

export const remoteName = 'slipway';

/** The project's git remote on a server. */
export const remoteUrl = (server: string, project: string): string => `${server}/git/${project}.git`;

/**
 * Adds the remote, or moves it to this server, and has git ask `slipway git-credential` for the token of this server alone.
 * @throws SlipwayError `source.refused` with git's own words
 */
export async function addRemote(
  root: string,
  url: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<'added' | 'moved' | 'kept'> {
  const before = (await git(root, ['remote', 'get-url', remoteName])).stdout;
  if (before === '') await must(root, ['remote', 'add', remoteName, url]);
  else if (before !== url) await must(root, ['remote', 'set-url', remoteName, url]);
  const key = `credential.${server}.helper`;
  // the empty one first: other helpers of this machine shall not store or answer for this server
  await must(root, ['config', '--local', '--replace-all', key, '']);
  await must(root, ['config', '--local', '--add', key, helperLine(env)]);
  if (before === '') return 'added';
  return before === url ? 'kept' : 'moved';
}

async function must(root: string, argv: readonly string[]): Promise<void> {
  const said = await git(root, argv);
  if (said.code !== 0) throw new SlipwayError('source.refused', `git ${argv.slice(0, 2).join(' ')}: ${said.stderr}`);
}

/** What git runs for a password. `slipway` where that is this program; otherwise this program by its path. */
function helperLine(env: Readonly<Record<string, string | undefined>>): string {
  const script = realpathSync(process.argv[1] ?? '');
  const isOnPath = (env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && real(join(folder, 'slipway')) === script);
  // git gives this line to a shell: it is written for one, each word quoted
  return isOnPath
    ? '!slipway git-credential'
    : `!${[process.execPath, ...process.execArgv, script, 'git-credential'].map(quoted).join(' ')}`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
