import { execFile } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SlipwayError } from '#domain/errors.ts';

const run = promisify(execFile);

/** As whom the database runs. PostgreSQL refuses root. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * As whom to run the database: ourselves, or, when we are root, whoever owns the database folder; for a new one the
 * system user `slipway`, which is made; `nobody` where no user can be made.
 * @throws SlipwayError `data.unreachable` when the folder belongs to another user and we are not root.
 */
export async function databaseUser(folder: string): Promise<SystemUser> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const owner = await stat(folder).catch(() => null);
  if (uid === 0) return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : systemUser();
  if (owner === null || owner.uid === uid) return { uid, gid };
  throw new SlipwayError(
    'data.unreachable',
    `${folder} belongs to the user ${owner.uid}, and Slipway runs as ${uid}`,
    'start Slipway as that user or as root, or give another folder with --data',
  );
}

async function systemUser(): Promise<SystemUser> {
  const known = await lookUp('slipway');
  if (known) return known;
  // Fails where useradd is not there, /etc is read-only, or another Slipway makes the user at this moment.
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'slipway',
  ]).catch(() => undefined);
  const user = (await lookUp('slipway')) ?? (await lookUp('nobody'));
  if (user && user.uid !== 0) return user;
  throw new SlipwayError(
    'data.unreachable',
    'PostgreSQL does not run as root, and neither a user `slipway` nor `nobody` is there',
    'make a system user called slipway, or set DATABASE_URL',
  );
}

/** By `id`, which asks every source of names that the machine has. */
async function lookUp(name: string): Promise<SystemUser | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * Lets the user pass through the data folder, by its group only, and checks the folders above it, which are not ours
 * to change.
 * @throws SlipwayError `data.unreachable` naming the first folder that the user cannot enter.
 */
export async function letPass(directory: string, user: SystemUser): Promise<void> {
  for (const folder of ancestors(dirname(directory))) {
    if (await canEnter(folder, user)) continue;
    throw new SlipwayError(
      'data.unreachable',
      `the database cannot live in ${directory}: its user (${user.uid}) may not enter ${folder}`,
      'give a folder that every user may enter, e.g. --data /var/lib/slipway',
    );
  }
  if (await canEnter(directory, user)) return;
  const { mode } = await stat(directory);
  await chown(directory, process.getuid?.() ?? 0, user.gid);
  await chmod(directory, (mode & 0o700) | 0o010);
}

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...ancestors(parent), folder];
}

async function canEnter(folder: string, user: SystemUser): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder);
  if (user.uid === 0) return true;
  if (uid === user.uid) return (mode & 0o100) !== 0;
  return (gid === user.gid ? mode & 0o010 : mode & 0o001) !== 0;
}
