import { SlipwayError } from '#domain/errors.ts';
import type { Commit, Ref } from '../contract.ts';
import { type Git, GitFailure } from './run.ts';

/** Refs under these prefixes that end at a commit, tags peeled. */
export async function listRefs(git: Git, repository: string, prefixes: readonly string[]): Promise<readonly Ref[]> {
  const format = '--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)';
  const { stdout } = await git(['-C', repository, 'for-each-ref', format, ...prefixes]);
  const refs: Ref[] = [];
  for (const line of stdout.toString('utf8').split('\n')) {
    const [name, type, id, peeledType, peeled] = line.split(' ');
    if (!name || !id) continue;
    if (type === 'commit') refs.push({ name, commit: id });
    else if (peeledType === 'commit' && peeled) refs.push({ name, commit: peeled });
    else if (peeledType === 'tag') {
      const commit = await resolveCommit(git, repository, name); // a tag of a tag
      if (commit) refs.push({ name, commit });
    }
  }
  return refs;
}

/** The full id of what a name that `isRevision` allows stands for, if it ends at a commit. */
export async function resolveCommit(git: Git, repository: string, revision: string): Promise<string | undefined> {
  const args = ['-C', repository, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { code, stdout } = await git(args, { expect: [1, 128] });
  const id = stdout.toString('utf8').trim();
  return code === 0 && /^[0-9a-f]{40,64}$/.test(id) ? id : undefined;
}

/** @throws SlipwayError `not_found` */
export async function readCommit(git: Git, repository: string, id: string): Promise<Commit> {
  const args = ['-C', repository, 'show', '--no-patch', '--no-show-signature', '--format=%H%x00%ct%x00%an <%ae>%x00%B'];
  const { stdout } = await git([...args, '--end-of-options', id]).catch(missingCommit(id));
  const [full = '', seconds = '', author = '', message = ''] = stdout.toString('utf8').split('\0');
  return { id: full, message: message.trim(), author, at: Number(seconds) * 1000 };
}

/** Words git's failure to find a commit. */
export function missingCommit(commit: string) {
  return (error: unknown): never => {
    if (error instanceof GitFailure)
      throw new SlipwayError('not_found', `commit ${commit} is not in the repository`, 'push or fetch it', error);
    throw error;
  };
}
