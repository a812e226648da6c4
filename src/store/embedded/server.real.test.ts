import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { findPackage, prepareBinaries } from './binaries.ts';
import { isAlive, readPostmaster, waitForEnd } from './postmaster.ts';
import { type EmbeddedServer, startEmbedded, stopEmbedded } from './server.ts';
import { databaseUser } from './system-user.ts';

const isRoot = process.getuid?.() === 0;
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

async function folder(under = tmpdir()): Promise<string> {
  const path = await mkdtemp(join(under, 'slipway-pg-'));
  undo.push(async () => {
    await stopEmbedded({ directory: path });
    await rm(path, { recursive: true, force: true });
  });
  return path;
}

async function start(directory: string): Promise<EmbeddedServer> {
  const server = await startEmbedded({ directory });
  undo.push(async () => server.release());
  return server;
}

async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(text);
    return rows[0] === undefined ? null : Object.values(rows[0])[0];
  } finally {
    await client.end();
  }
}

async function until<T>(what: string, look: () => Promise<T | null | false>, forMs = 20_000): Promise<T> {
  for (const end = Date.now() + forMs; Date.now() < end; ) {
    const found = await look();
    if (found !== null && found !== false) return found;
    await sleep(5);
  }
  throw new Error(`never came: ${what}`);
}

/** A Slipway of its own that starts the server, says so, and lives on. */
function slipway(directory: string, as: { uid?: number; gid?: number; HOME?: string } = {}): ChildProcess {
  const module = JSON.stringify(new URL('./server.ts', import.meta.url).href);
  const script = `import(${module}).then(async ({ startEmbedded }) => {
    const server = await startEmbedded({ directory: ${JSON.stringify(directory)} });
    console.log(JSON.stringify({ pid: server.pid, url: server.url, uid: process.getuid() }));
    setInterval(() => {}, 1000); }).catch((error) => { console.log(JSON.stringify({ error: error.message })); process.exit(1); });`;
  const { HOME, ...ids } = as;
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '-e', script], {
    ...ids,
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: HOME ?? process.env.HOME, TMPDIR: HOME },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });
  return child;
}

async function says(child: ChildProcess): Promise<{ pid: number; url: string; uid: number; error?: string }> {
  const [chunk] = child.stdout ? await once(child.stdout, 'data') : [''];
  return JSON.parse(String(chunk));
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a server is made, keeps its data over a stop, and shows its password to its owner only', async () => {
  const directory = await folder();
  const first = await start(directory);
  await ask(first.url, 'create table t as select 42 as n');
  expect(String(await ask(first.url, 'show data_checksums'))).toBe('on');
  await first.stop();
  expect(await isAlive(first.pid)).toBe(false);
  const second = await start(directory);
  expect(await ask(second.url, 'select n from t')).toBe(42);
  expect((await stat(join(directory, 'postgres.password'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'postgres'))).mode & 0o777).toBe(0o700);
  await expect(ask(second.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/authentication/);
  await second.stop();
});

test('the server of a killed Slipway lives on and is taken over as it is', async () => {
  const directory = await folder();
  const child = slipway(directory);
  const first = await says(child);
  await ask(first.url, 'create table t as select 1 as n');
  await kill(child);
  expect(await isAlive(first.pid)).toBe(true);
  const second = await start(directory);
  expect(second.pid).toBe(first.pid);
  expect(await ask(second.url, 'select n from t')).toBe(1);
  await second.stop();
  expect(await isAlive(first.pid)).toBe(false);
});

test('a server that dies is started again under the same address, also one that was taken over', async () => {
  const directory = await folder();
  const child = slipway(directory);
  await says(child);
  await kill(child);
  const server = await start(directory);
  for (let round = 0; round < 2; round += 1) {
    const old = server.pid;
    process.kill(old, 'SIGKILL');
    await until('a new server', async () => server.pid !== old);
    expect(await ask(server.url, 'select 1')).toBe(1);
  }
  await server.stop();
});

test('an initdb killed at any moment leaves nothing that stands in the way', async () => {
  const directory = await folder();
  const seen: number[] = [];
  const killed = new Set<string>();
  // by what it has made, not by time: on a busy machine it has made nothing yet after a quarter of a second
  for (const atLeast of [0, 1, 15]) {
    const child = slipway(directory);
    const made = await until('initdb at work', async () => {
      const names = await readdir(join(directory, 'postgres')).catch(() => []);
      const name = names.find((one) => /^new-\w+$/.test(one) && !killed.has(one));
      if (name === undefined) return null;
      const files = await readdir(join(directory, 'postgres', name)).catch(() => []);
      return files.length >= atLeast ? name : null;
    });
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await once(child, 'exit');
    killed.add(made);
    seen.push((await readdir(join(directory, 'postgres', made)).catch(() => [])).length);
  }
  expect(Math.max(...seen)).toBeGreaterThan(0);
  const server = await start(directory);
  expect(await ask(server.url, 'select 1')).toBe(1);
  expect((await readdir(join(directory, 'postgres'))).sort()).toEqual(['cluster', 'server.log']);
  await server.stop();
});

test.runIf(process.platform === 'linux')('a zombie that holds the lock file does not stop the next start', async () => {
  const directory = await folder();
  const child = slipway(directory);
  const first = await says(child);
  // Its parent sleeps, so that nobody asks for its exit status.
  child.kill('SIGSTOP');
  process.kill(first.pid, 'SIGKILL');
  await until('a zombie', async () => /\) Z /.test(await readFile(`/proc/${first.pid}/stat`, 'utf8')));
  const second = await start(directory);
  expect(second.pid).not.toBe(first.pid);
  expect(await ask(second.url, 'select 1')).toBe(1);
  await second.stop();
});

test.runIf(process.platform === 'linux')('a lock file whose number another process has by now is cleared', async () => {
  const directory = await folder();
  const first = await start(directory);
  await first.stop();
  const { uid, gid } = await stat(join(directory, 'postgres', 'cluster'));
  const other = spawn('sleep', ['60'], isRoot ? { uid, gid } : {});
  undo.push(async () => other.kill('SIGKILL'));
  const file = join(directory, 'postgres', 'cluster', 'postmaster.pid');
  await writeFile(file, `${other.pid}\n${join(directory, 'postgres', 'cluster')}\n1700000000\n5432\n\n\n\nready\n`);
  await chown(file, uid, gid);
  const second = await start(directory);
  expect(await ask(second.url, 'select 1')).toBe(1);
  expect(await isAlive(other.pid ?? 0)).toBe(true);
  await second.stop();
});

test('what nobody looks after is stopped by its folder, and only once', async () => {
  const directory = await folder();
  const child = slipway(directory);
  const { pid } = await says(child);
  await kill(child);
  expect(await stopEmbedded({ directory })).toBe(true);
  expect(await waitForEnd(pid, 100)).toBe(true);
  expect(await readPostmaster(join(directory, 'postgres', 'cluster'))).toBeNull();
  expect(await stopEmbedded({ directory })).toBe(false);
});

test('it listens on loopback only, and is taken over under the address it has', async () => {
  const directory = await folder();
  const server = await start(directory);
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
  expect(await ask(server.url, 'show listen_addresses')).toBe('127.0.0.1');
  const again = await startEmbedded({ directory });
  expect(again.url).toBe(server.url);
  again.release();
  await server.stop();
});

test('a lost password is said plainly, and no new database is put in the place of the old', async () => {
  const directory = await folder();
  await (await start(directory)).stop();
  await rm(join(directory, 'postgres.password'));
  await expect(startEmbedded({ directory })).rejects.toMatchObject({ code: 'data.damaged' });
  await writeFile(join(directory, 'postgres.password'), 'not it\n');
  await expect(startEmbedded({ directory })).rejects.toMatchObject({ code: 'data.damaged' });
});

test('a server that cannot start is an error with its own words', async () => {
  const directory = await folder();
  await (await start(directory)).stop();
  await writeFile(join(directory, 'postgres', 'cluster', 'postgresql.conf'), 'nonsense_setting = 1\n');
  await expect(startEmbedded({ directory })).rejects.toMatchObject({
    code: 'store.unavailable',
    message: expect.stringContaining('nonsense_setting'),
  });
});

test.runIf(isRoot)(
  'root runs it as a system user, who may pass through the data folder by its group only',
  async () => {
    const directory = await folder();
    const server = await start(directory);
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    const { uid } = await databaseUser(join(directory, 'none'));
    expect(uid).not.toBe(0);
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t`, 'm'));
    expect((await stat(directory)).mode & 0o777).toBe(0o710);
    await server.stop();
  },
);

test.runIf(isRoot)('a data folder under a closed home is refused, naming the folder in the way', async () => {
  const home = await folder();
  const directory = join(home, 'data');
  await mkdir(directory);
  await expect(startEmbedded({ directory })).rejects.toMatchObject({
    code: 'data.unreachable',
    message: expect.stringContaining(`may not enter ${home}`),
  });
});

test.runIf(isRoot)(
  'binaries that the user cannot reach, with links that npm did not make, run from a copy',
  async () => {
    const closed = await folder();
    const found = await findPackage();
    const hidden = join(closed, 'package');
    await cp(found.folder, hidden, {
      recursive: true,
      verbatimSymlinks: true,
      filter: async (path) => !(await stat(path).then((it) => it.isSymbolicLink())),
    });
    const directory = await folder();
    await chmod(directory, 0o755);
    const user = await databaseUser(join(directory, 'none'));
    const { postgres } = await prepareBinaries(directory, user, { ...found, folder: hidden });
    expect(postgres).toBe(join(directory, `postgresql-${found.version}`, 'native', 'bin', 'postgres'));
    expect(await readdir(directory)).toEqual([`postgresql-${found.version}`]);
  },
);

test.runIf(isRoot)('an ordinary user runs it as itself, and root takes the folder over later', async () => {
  const user = await databaseUser(join(tmpdir(), 'none'));
  const directory = await folder();
  await chown(directory, user.uid, user.gid);
  const home = await folder();
  await chown(home, user.uid, user.gid);
  const child = slipway(directory, { ...user, HOME: home });
  const first = await says(child);
  expect(first).toMatchObject({ uid: user.uid });
  expect((await stat(join(directory, 'postgres.password'))).uid).toBe(user.uid);
  await kill(child);
  const second = await start(directory);
  expect(second.pid).toBe(first.pid);
  await second.stop();
});
