// Sees to it that start.sh finds a real Redis-compatible server: one that is installed on this machine, else Debian's own
// package, unpacked beside this file without root, else the binary in an npm package.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const here = import.meta.dirname;
const server = join(here, 'server');
const NAMES = ['redis-server', 'valkey-server', 'keydb-server'];
/** Redis 8.2.3 with a module that is not used here; made for glibc 2.38 (Debian 13, Ubuntu 24.04, Fedora 39) and newer. */
const NPM_PACKAGE = '@falkordblite/linux-x64@8.2.3-falkordb.4.16.3';
const DEBIAN_PACKAGES = ['redis-tools', 'libjemalloc2', 'liblzf1'];

const found = installed() ?? works() ?? fromDebian() ?? fromNpm();
if (!found) {
  rmSync(server, { recursive: true, force: true });
  console.error('There is no Redis-compatible server here, and none could be fetched. Install one and deploy again:');
  console.error('  Debian, Ubuntu: apt-get install redis-server     Fedora: dnf install valkey     macOS: brew install redis');
  process.exit(69);
}
console.log(`cache: ${found}`);

function installed() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/usr/sbin'];
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the unpacked server says of itself, if it runs. */
function works() {
  const env = { ...process.env, LD_LIBRARY_PATH: join(server, 'lib') };
  const { status, stdout } = spawnSync(join(server, 'redis-server'), ['--version'], { env, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** apt-get checks the packages' signatures by its lists, and downloads for any user. */
function fromDebian() {
  return inScratch((scratch) => {
    if (!run('apt-get', ['download', ...DEBIAN_PACKAGES], scratch) && !withListsOfOurOwn(scratch)) return undefined;
    for (const file of readdirSync(scratch).filter((name) => name.endsWith('.deb'))) {
      if (!run('dpkg-deb', ['--extract', file, 'root'], scratch)) return undefined;
    }
    // Debian's one binary is server and checker, by the name it is called by.
    place(join(scratch, 'root/usr/bin/redis-check-rdb'), join(scratch, 'root/usr/lib'));
    return works();
  });
}

/** Where the machine's lists are missing or old, apt-get reads new ones into a folder of ours. */
function withListsOfOurOwn(scratch) {
  const options = ['-o', `Dir::State::lists=${join(scratch, 'lists')}`, '-o', `Dir::Cache=${join(scratch, 'cache')}`];
  mkdirSync(join(scratch, 'lists/partial'), { recursive: true });
  mkdirSync(join(scratch, 'cache/archives/partial'), { recursive: true });
  return run('apt-get', [...options, 'update'], scratch) && run('apt-get', [...options, 'download', ...DEBIAN_PACKAGES], scratch);
}

function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  return inScratch((scratch) => {
    const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', scratch, NPM_PACKAGE];
    if (!run('npm', args, scratch)) return undefined;
    place(join(scratch, 'node_modules/@falkordblite/linux-x64/bin/redis-server'));
    return works();
  });
}

/** Puts a server and the libraries it needs beside this file; the last rename makes it visible. */
function place(binary, libraries) {
  const next = `${server}.next`;
  rmSync(next, { recursive: true, force: true });
  rmSync(server, { recursive: true, force: true });
  mkdirSync(join(next, 'lib'), { recursive: true });
  copyFileSync(binary, join(next, 'redis-server'));
  for (const entry of libraries ? readdirSync(libraries, { recursive: true, withFileTypes: true }) : []) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (/\.so(\.\d+)*$/.test(entry.name)) copyFileSync(path, join(next, 'lib', entry.name));
  }
  renameSync(next, server);
}

function run(program, args, cwd) {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (status !== 0) console.log(`${program} ${args[0]}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  return status === 0;
}

function inScratch(use) {
  const scratch = mkdtempSync(join(tmpdir(), 'marketplace-cache-'));
  try {
    return use(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
