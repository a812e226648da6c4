import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import { shareWork } from '../../share-work.ts';
import type { Checkout, Commit, Sources } from '../contract.ts';
import { extract, isFolder, listTree, removePartial } from './checkout.ts';
import { writeGitConfig } from './config.ts';
import { fetchRefs } from './fetch.ts';
import { checkCommit, checkProject, isRevision } from './names.ts';
import { recent } from './recent.ts';
import { listRefs, missingCommit, readCommit, resolveCommit } from './refs.ts';
import { type Git, gitRunner } from './run.ts';

/** Sources, and where their repositories are, for serving them over HTTP. */
export interface GitSources extends Sources {
  /** Folder of the project's bare repository. */
  repository(project: string): string;
  /** The configuration file that every git here reads instead of the machine's and the user's. */
  readonly configFile: string;
}

/**
 * Bare git repositories under `directory`: `repositories/<project>.git`, `checkouts/<project>/<commit>`. One server owns
 * the folder; what it left half done when it died is removed at the first use after.
 */
export function gitSources({ directory }: { readonly directory: string }): GitSources {
  const root = resolve(directory);
  const configFile = join(root, 'gitconfig');
  const git = preparedGit(root, configFile);
  const repository = (project: string) => join(root, 'repositories', `${checkProject(project)}.git`);
  const checkouts = (project: string) => join(root, 'checkouts', checkProject(project));
  const extracting = shareWork<Checkout>();
  const { read, extracted, forget } = memories();

  async function existing(project: string): Promise<string> {
    const path = repository(project);
    if (await isRepository(path)) return path;
    throw new SlipwayError('not_found', `project ${project} has no repository`, 'push to it, or fetch one, first');
  }

  async function commitOf(project: string, path: string, id: string): Promise<Commit> {
    const key = keyOf(project, id);
    return read.get(key) ?? read.keep(key, await readCommit(git, path, id));
  }

  return {
    repository,
    configFile,
    create: async (project) => createRepository(git, repository(project)),
    async remove(project) {
      forget(project);
      await rm(repository(project), { recursive: true, force: true });
      await rm(checkouts(project), { recursive: true, force: true });
    },
    fetch: async (project, url, refs, signal) => fetchRefs(git, await existing(project), url, refs, signal),
    refs: async (project) => listRefs(git, await existing(project), ['refs/heads', 'refs/tags']),
    async resolve(project, revision) {
      const path = await existing(project);
      const known = read.get(keyOf(project, revision));
      if (known) return known;
      const id = isRevision(revision) ? await resolveCommit(git, path, revision) : undefined;
      return id === undefined ? undefined : commitOf(project, path, id);
    },
    async checkout(project, commit, signal) {
      const path = await existing(project);
      const folder = join(checkouts(project), checkCommit(commit));
      const key = keyOf(project, commit);
      const known = extracted.get(key);
      if (known && (await isFolder(folder))) return known;
      return extracting.run(key, signal, async (shared) =>
        extracted.keep(key, await checkOut(git, path, commit, folder, shared)),
      );
    },
    commit: async (project, commit) => commitOf(project, await existing(project), checkCommit(commit)),
    tidy: async (project, keep, signal) => {
      forget(project);
      await tidy(git, await existing(project), checkouts(project), new Set(keep), signal);
      forget(project);
    },
  };
}

/** A commit never changes, and each of its deployments asks for it half a dozen times. */
function memories() {
  const read = recent<Commit>(200);
  const extracted = recent<Checkout>(10);
  const forget = (project: string) => {
    for (const memory of [read, extracted]) memory.forget(keyOf(project, ''));
  };
  return { read, extracted, forget };
}

async function checkOut(
  git: Git,
  repository: string,
  commit: string,
  folder: string,
  signal: AbortSignal,
): Promise<Checkout> {
  await mkdir(dirname(folder), { recursive: true });
  // holds the commit's objects when its branch is forced elsewhere or deleted, until `tidy`
  await git(['-C', repository, 'update-ref', heldRef(commit), commit], { signal }).catch(missingCommit(commit));
  const files = await listTree(git, repository, commit, signal);
  await extract(git, repository, commit, folder, signal);
  return { path: folder, files };
}

const keyOf = (project: string, commit: string) => `${project}/${commit}`;
const heldRef = (commit: string) => `refs/slipway/commits/${commit}`;

/** A git that first writes its configuration, and removes what a crash left, once in this process. */
function preparedGit(root: string, configFile: string): Git {
  const run = gitRunner(configFile);
  let prepared: Promise<void> | undefined;
  const prepare = async () => {
    await writeGitConfig(configFile);
    for (const project of await readdir(join(root, 'checkouts')).catch(() => []))
      await removePartial(join(root, 'checkouts', project));
    await removePartial(join(root, 'repositories'));
  };
  return async (args, options) => {
    prepared ??= prepare();
    await prepared.catch((error) => {
      prepared = undefined;
      throw error;
    });
    return run(args, options);
  };
}

async function createRepository(git: Git, path: string): Promise<void> {
  if (await isRepository(path)) return;
  const temporary = `${path}.part-${randomUUID()}`;
  await mkdir(join(path, '..'), { recursive: true });
  try {
    await git(['init', '--quiet', '--bare', '--template=', '--', temporary]);
    await rename(temporary, path).catch(async (error) => {
      if (!(await isRepository(path))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function isRepository(path: string): Promise<boolean> {
  return (await stat(join(path, 'HEAD')).catch(() => undefined))?.isFile() ?? false;
}

/** Lets go of the commits that nobody keeps, then packs. What was unreachable for two weeks goes. */
async function tidy(git: Git, repository: string, checkouts: string, keep: ReadonlySet<string>, signal: AbortSignal) {
  for (const name of await readdir(checkouts).catch(() => []))
    if (/^[0-9a-f]+$/.test(name) && !keep.has(name)) await rm(join(checkouts, name), { recursive: true, force: true });
  for (const { name, commit } of await listRefs(git, repository, ['refs/slipway/commits']))
    if (!keep.has(commit)) await git(['-C', repository, 'update-ref', '-d', name, commit], { signal });
  await git(['-C', repository, 'gc', '--quiet', '--prune=2.weeks.ago'], { signal, timeoutMs: 30 * 60_000 });
}
