import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { Binaries } from './binaries.ts';
import type { SystemUser } from './system-user.ts';

const run = promisify(execFile);

/** Where things are in a data folder. */
export interface Layout {
  /** Belongs to the database's user. */
  readonly home: string;
  /** PostgreSQL's data folder. */
  readonly cluster: string;
  readonly log: string;
  readonly password: string;
}

/** Where the parts of the embedded database are in a data folder. */
export function layoutOf(directory: string): Layout {
  const home = join(directory, 'postgres');
  return {
    home,
    cluster: join(home, 'cluster'),
    log: join(home, 'server.log'),
    password: join(directory, 'postgres.password'),
  };
}

/** The superuser and the database that Slipway uses. */
export const databaseName = 'slipway';

/** Makes the folder for the database's user only. */
export async function makeHome(layout: Layout, user: SystemUser): Promise<void> {
  await mkdir(layout.home, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) await chown(layout.home, user.uid, user.gid);
}

/**
 * Makes a database folder where there is none. `initdb` works in a folder of another name, which gets its own when all
 * is done: a killed `initdb` leaves a folder that looks whole and is not (7 of 8, measured). What a killed one left is
 * removed. @returns the superuser's password, kept in a file of mode 0600.
 * @throws SlipwayError `data.damaged` when the password's file is gone, `disk.full`, `store.unavailable`.
 */
export async function ensureCluster(layout: Layout, binaries: Binaries, user: SystemUser): Promise<string> {
  for (const name of await readdir(layout.home))
    if (name.startsWith('new-')) await rm(join(layout.home, name), { recursive: true, force: true });
  const names = await readdir(layout.home);
  if (names.includes('cluster')) return readPassword(layout);
  const password = randomBytes(24).toString('base64url');
  await writeWhole(layout.password, password);
  const temporary = join(layout.home, `new-${randomBytes(4).toString('hex')}`);
  await initdb(binaries, temporary, password, user);
  await rename(temporary, layout.cluster);
  return password;
}

async function readPassword(layout: Layout): Promise<string> {
  const text = await readFile(layout.password, 'utf8').catch(() => '');
  if (text.trim() !== '') return text.trim();
  throw new SlipwayError(
    'data.damaged',
    `${layout.password} is gone, and without it the database beside it does not open`,
    'put the file back from a backup',
  );
}

async function initdb(binaries: Binaries, folder: string, password: string, user: SystemUser): Promise<void> {
  const root = process.getuid?.() === 0;
  const passwordFile = `${folder}.password`;
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (root) await chown(passwordFile, user.uid, user.gid);
    await run(
      binaries.initdb,
      [
        ...['-D', folder, '--username', databaseName, '--pwfile', passwordFile],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-instructions'],
      ],
      {
        ...(root ? { uid: user.uid, gid: user.gid } : {}),
        cwd: join(folder, '..'),
        env: serverEnv(),
        timeout: 120_000,
      },
    );
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    if (/No space left on device|ENOSPC/.test(messageOf(thrown)))
      throw new SlipwayError('disk.full', `no room for a database in ${folder}`, 'free space, or give --data', thrown);
    throw new SlipwayError(
      'store.unavailable',
      `the database could not be made: ${lastWords(thrown)}`,
      undefined,
      thrown,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function lastWords(thrown: unknown): string {
  const text = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim() : '';
  return text === '' ? messageOf(thrown) : text.split('\n').slice(-3).join(' ');
}

/** Nothing of Slipway's own environment reaches the server: no PG* variable, no secret. */
export function serverEnv(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}
