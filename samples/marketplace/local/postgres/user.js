import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * As whom PostgreSQL runs, which refuses root: root lends it another user, the one who owns the data if there is any.
 * `undefined`: we are an ordinary user already. `paths` are what that user must be able to reach.
 */
export function postgresUser(data, paths) {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : userOfThisMachine();
  return paths.reduce(reaching, user);
}

function userOfThisMachine() {
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = (passwd.find((line) => line.startsWith(`${name}:`)) ?? '').split(':');
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  console.error("PostgreSQL does not run as root, and this machine has neither a user 'postgres' nor 'nobody'.");
  process.exit(77);
}

/** The user, in the group of a folder on the way that is open to that group only; ends with an explanation else. */
function reaching(user, path) {
  const closed = foldersTo(path).find((folder) => !mayEnter(user, folder));
  if (!closed) return user;
  const { gid, mode } = statSync(closed);
  const member = { uid: user.uid, gid };
  if (gid !== 0 && mode & 0o010 && foldersTo(path).every((folder) => mayEnter(member, folder))) return member;
  console.error(`PostgreSQL runs as user ${user.uid} because it refuses root, and that user may not enter ${closed}.`);
  console.error(`Keep Slipway's data in a folder that is open to others, or allow it: chmod o+x '${closed}'`);
  process.exit(77);
}

/** `/`, `/var`, `/var/lib` ... and the path itself. */
function foldersTo(path) {
  return dirname(path) === path ? [path] : [...foldersTo(dirname(path)), path];
}

function mayEnter(user, folder) {
  return spawnSync('test', ['-x', folder], { ...user, cwd: '/' }).status === 0;
}
