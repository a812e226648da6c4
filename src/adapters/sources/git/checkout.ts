import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TreeEntry } from '#domain/builds/build-request.ts';
import { SlipwayError } from '#domain/errors.ts';
import type { Git } from './run.ts';

/**
 * Extracts a commit's tree into `folder`. git writes into a folder beside it, which is renamed when it is whole, so a
 * folder of that name is always complete. No filter, hook or submodule of the repository takes part.
 * @throws SlipwayError `disk.full`
 */
export async function extract(git: Git, repository: string, commit: string, folder: string, signal: AbortSignal) {
  if (await isFolder(folder)) return;
  const temporary = `${folder}${partial}${randomUUID()}`;
  const tree = join(temporary, 'tree');
  try {
    await mkdir(tree, { recursive: true });
    const options = {
      signal,
      timeoutMs: 10 * 60_000,
      environment: { GIT_DIR: repository, GIT_WORK_TREE: tree, GIT_INDEX_FILE: join(temporary, 'index') },
    };
    await git(['read-tree', commit], options);
    await git(['-c', 'core.symlinks=true', 'checkout-index', '--all', '--quiet'], options);
    await rename(tree, folder).catch(async (error) => {
      // another process was faster: a commit's tree is the same whoever wrote it
      if (!(await isFolder(folder))) throw error;
    });
  } catch (thrown) {
    // asked while what was written is still there
    throw (await isFull(folder)) ? noRoom(commit, folder, thrown) : thrown;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** git says of a full disk only that it is 'unable to write file'. */
async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(dirname(folder));
  return bavail * bsize < 256 * 1024;
}

const noRoom = (commit: string, folder: string, cause: unknown): SlipwayError =>
  new SlipwayError(
    'disk.full',
    `the disk is full: the files of commit ${commit.slice(0, 12)} could not be written`,
    `free space on the disk of ${dirname(folder)}`,
    cause,
  );

const partial = '.part-';

/** Removes what crashes left behind. Only while nobody extracts into this folder. */
export async function removePartial(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const left = names.filter((name) => name.includes(partial));
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

/** Every file of a commit, by path. @throws SlipwayError `source.refused` for a name that is not UTF-8 */
export async function listTree(git: Git, repository: string, commit: string, signal?: AbortSignal) {
  const args = ['-C', repository, 'ls-tree', '-r', '-z', '--full-tree', commit];
  const { stdout } = await git(args, signal ? { signal } : {});
  return parseTree(stdout);
}

/** Reads `ls-tree -r -z`: `mode SP type SP id TAB path NUL`. */
export function parseTree(output: Buffer): readonly TreeEntry[] {
  const text = decode(output);
  return text.split('\0').flatMap((line) => {
    const tab = line.indexOf('\t');
    const [mode, , id] = line.slice(0, tab).split(' ');
    return mode && id ? [{ path: line.slice(tab + 1), mode, id }] : [];
  });
}

function decode(output: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output);
  } catch (error) {
    const bad = output
      .toString('utf8')
      .split('\0')
      .find((line) => line.includes('\ufffd'));
    const path = bad?.slice(bad.indexOf('\t') + 1) ?? '';
    throw new SlipwayError('source.refused', `the file name ${path} is not UTF-8`, 'rename the file', error);
  }
}

/** Whether there is a folder of that path. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
