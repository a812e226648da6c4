import { SlipwayError } from '#domain/errors.ts';
import type { Ref } from '../contract.ts';
import { checkRefPattern, parseRemote, type Remote, withoutCredentials } from './names.ts';
import { listRefs } from './refs.ts';
import { type Git, GitFailure } from './run.ts';

/**
 * Makes the repository's refs those of a remote, for the refs that are asked for (full names, or with one `*`): forced
 * ones move, deleted ones go.
 * @returns the refs fetched, tags peeled. @throws SlipwayError `source.refused`, `source.unreachable`, `not_found`
 */
export async function fetchRefs(
  git: Git,
  repository: string,
  url: string,
  refs: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  const remote = parseRemote(url);
  const patterns = refs.map(checkRefPattern);
  const args = ['--git-dir', repository, 'fetch', '--quiet', '--no-tags', '--prune', '--no-write-fetch-head'];
  const refspecs = patterns.map((ref) => `+${ref}:${ref}`);
  const options = { signal, timeoutMs: 15 * 60_000, environment: credentialEnvironment(remote) };
  await git([...args, '--no-recurse-submodules', '--end-of-options', remote.url, ...refspecs], options).catch(
    (error) => {
      throw error instanceof GitFailure ? fetchError(error, remote) : error;
    },
  );
  const all = await listRefs(git, repository, ['refs']);
  return all.filter(({ name }) => patterns.some((pattern) => matches(pattern, name)));
}

/** Credentials as a header for this origin alone: in the environment, so that no list of processes shows them. */
function credentialEnvironment({ credentials, origin }: Remote): Record<string, string> {
  if (!credentials || !origin) return {};
  const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${origin}.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
}

function matches(pattern: string, name: string): boolean {
  const [head = '', tail] = pattern.split('*');
  if (tail === undefined) return name === pattern;
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

function fetchError(failure: GitFailure, remote: Remote): SlipwayError {
  const shown = withoutCredentials(remote.url);
  const last = failure.stderr.trim().split('\n').at(-1) ?? '';
  if (/couldn't find remote ref/i.test(failure.stderr))
    return new SlipwayError('not_found', `${shown}: ${last.replace(/^fatal: /, '')}`, undefined, failure);
  if (
    /Authentication failed|could not read (?:Username|Password)|Permission denied|access denied|403|Repository not found|terminal prompts disabled/i.test(
      failure.stderr,
    )
  )
    return new SlipwayError(
      'source.refused',
      `${shown} refuses Slipway: ${last}`,
      'check the URL and its credentials',
      failure,
    );
  if (/fsck error|error in (?:tree|commit|tag|blob) |corrupt/i.test(failure.stderr))
    return new SlipwayError(
      'source.refused',
      `${shown} has objects that git finds unsafe: ${last}`,
      undefined,
      failure,
    );
  return new SlipwayError('source.unreachable', `${shown} could not be fetched: ${last}`, undefined, failure);
}
