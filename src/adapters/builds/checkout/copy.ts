import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How many files are copied at a time. */
const atOnce = 16;

/** Copies these files of a checkout to the same places below `to`; symlinks stay symlinks, submodules are left out. */
export async function copyFiles(
  from: string,
  files: readonly string[],
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set(files.map((file) => dirname(file)));
  for (const folder of folders) await mkdir(join(to, folder), { recursive: true });
  await eachOf(files, (file) => copyOne(join(from, file), join(to, file)), signal);
}

async function copyOne(source: string, target: string): Promise<void> {
  const stats = await lstat(source);
  if (stats.isSymbolicLink()) return symlink(await readlink(source), target);
  if (!stats.isFile()) return; // a submodule's empty folder
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, stats.mode & 0o100 ? 0o755 : 0o644);
}

/**
 * Takes the right to write from every file below, so that no service changes its artifact by accident. Folders stay
 * writable, or nobody but root could remove them; files with several names belong to a package manager's store.
 */
export async function protect(folder: string, signal: AbortSignal): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await eachOf(
    entries,
    async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return protect(path, signal);
      if (!entry.isFile()) return;
      const stats = await lstat(path);
      if (stats.nlink === 1 && stats.mode & 0o222) await chmod(path, stats.mode & 0o555);
    },
    signal,
  );
}

/** Some at a time. After an error nothing new is begun, and nothing still runs when it is thrown. */
async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>, signal: AbortSignal): Promise<void> {
  const queue = [...items].reverse();
  const worker = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      try {
        signal.throwIfAborted();
        await act(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
