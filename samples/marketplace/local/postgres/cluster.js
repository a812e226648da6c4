import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a new cluster with its database. It comes to its place by one rename when all is there: killed half-way, the
 * next start begins anew.
 */
export function createCluster({ volume, data, user, binaries }) {
  const owner = process.env.POSTGRES_USER || 'postgres';
  const database = process.env.POSTGRES_DB || owner;
  const password = process.env.POSTGRES_PASSWORD;
  if (!password) stop("POSTGRES_PASSWORD is not set: PostgreSQL's first user needs one.");
  const unfinished = join(volume, '16.unfinished');
  const secret = join(volume, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(secret, password, { mode: 0o600 });
  if (user) chownSync(secret, user.uid, user.gid);
  try {
    const auth = ['--auth=scram-sha-256', `--username=${owner}`, `--pwfile=${secret}`];
    run(binaries.initdb, ['-D', unfinished, ...auth, '--encoding=UTF8', '--locale=C', '--no-instructions'], { user, volume });
    if (database !== 'postgres') {
      const input = `CREATE DATABASE "${database.replaceAll('"', '""')}"\n`;
      run(binaries.postgres, ['--single', '-D', unfinished, 'postgres'], { user, volume, input });
    }
  } finally {
    rmSync(secret, { force: true });
  }
  renameSync(unfinished, data);
}

/**
 * Ends a server that a killed predecessor of ours left behind on the same data: by PostgreSQL's own `pg_ctl`, and only
 * when the process named in its lock file is that server, since numbers are given anew.
 */
export function stopOrphan({ data, user, binaries }) {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  if (!alive(pid)) return;
  if (!serves(pid, data)) {
    console.log(`process ${pid} is not PostgreSQL on ${data}: its lock file is left over from before and goes away`);
    rmSync(lock);
    return;
  }
  console.log(`stopping the PostgreSQL server (process ${pid}) that was left running on ${data}`);
  run(binaries.pg_ctl, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30'], { user, volume: '/' });
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A server works in its data folder. */
function serves(pid, data) {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === data;
    } catch {
      return false;
    }
  }
  return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout.includes(data);
}

function run(program, args, { user, volume, input }) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...user, cwd: volume, input: input ?? '', encoding: 'utf8' });
  if (status !== 0) stop(`${program} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}

function stop(message) {
  console.error(message);
  process.exit(70);
}
