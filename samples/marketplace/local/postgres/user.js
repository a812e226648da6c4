import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * PostgreSQL refuses to run as root; root lends it another user, the one who owns the data if there is any.
 * `undefined`: we are an ordinary user already.
 */
export function postgresUser(data) {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const passwd = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = (passwd.find((line) => line.startsWith(`${name}:`)) ?? '').split(':');
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  console.error("PostgreSQL does not run as root, and this machine has neither a user 'postgres' nor 'nobody'.");
  process.exit(77);
}

/** Ends with an explanation where that user may not go to the path. */
export function demandReach(user, path) {
  const may = (place) => spawnSync('test', ['-x', place], { ...user, cwd: '/' }).status === 0;
  if (may(path)) return;
  let folder = path;
  while (dirname(folder) !== folder && !may(dirname(folder))) folder = dirname(folder);
  console.error(`PostgreSQL runs as user ${user.uid} because it refuses root, and that user may not enter ${folder}.`);
  console.error(`Keep Slipway's data in a folder that is open to others, or allow it: chmod o+x '${folder}'`);
  process.exit(77);
}
