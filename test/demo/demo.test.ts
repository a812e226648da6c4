import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { afterAll, describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const limitMs = 900_000;

interface Ran {
  readonly code: number;
  readonly output: string;
}

interface Runner {
  readonly clone: string;
  readonly env: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** `npm run demo -- …`, as somebody in a clone. */
async function demo(argv: readonly string[], { clone, env, user }: Runner): Promise<Ran> {
  const options = { cwd: clone, env, timeout: limitMs, maxBuffer: 10_000_000, ...user };
  const ended = await run('npm', ['run', 'demo', '--', ...argv], options).catch(
    (thrown: Error & { code?: number }) => ({
      code: thrown.code ?? -1,
      ...(thrown as unknown as { stdout: string; stderr: string }),
    }),
  );
  return { code: 'code' in ended ? ended.code : 0, output: ended.stdout + ended.stderr };
}

/** Where the demo had its things. */
const folderIn = (output: string): string => /(\/\S+\/slipway-demo-\w+)\//.exec(output)?.[1] ?? '';

/** Every process that has to do with a folder, by its command line or its working directory. */
function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(folder) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

function expectAllWell({ code, output }: Ran): void {
  expect(output).toContain('only web was built and replaced; the other 6 kept their instances');
  expect(output).toContain("says 'Good things, fresh off the quay'");
  expect(code, output).toBe(0);
  const folder = folderIn(output);
  expect(folder).not.toBe('');
  expect(existsSync(folder)).toBe(false);
  expect(processesIn(folder)).toEqual([]);
  // no terminal: no escapes
  expect(output).not.toContain('\x1b');
}

const here: Runner = { clone: root, env: { ...process.env, NO_UPDATE_NOTIFIER: '1' } };

test('the demo on the local engine replaces one service of seven, and leaves nothing', {
  timeout: limitMs,
}, async () => {
  expectAllWell(await demo(['--once'], here));
});

test('a deployment that takes too long ends the demo with 1 and says so, and nothing is left', {
  timeout: limitMs,
}, async () => {
  const { code, output } = await demo(['--once', '--limit', '1'], here);
  expect(output).toContain('deployment 1 is not over after 1 s');
  expect(code).toBe(1);
  const folder = folderIn(output);
  expect(existsSync(folder)).toBe(false);
  expect(processesIn(folder)).toEqual([]);
});

describe.skipIf(process.getuid?.() !== 0)('as an ordinary user', () => {
  const name = `slipway-demo-${process.pid}`;
  const home = mkdtempSync(join(tmpdir(), 'demo-home-'));
  afterAll(async () => {
    await run('userdel', [name]).catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  });

  test('the demo installs what is missing in a fresh clone, and runs', { timeout: limitMs }, async () => {
    await run('useradd', ['--system', '--user-group', '--home-dir', home, '--shell', '/usr/sbin/nologin', name]);
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    const user = { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    const clone = join(home, 'slipway');
    await copyClone(clone);
    give(home, user);
    const env = { PATH: process.env.PATH, HOME: home, USER: name, LANG: 'C.UTF-8' };
    const ran = await demo(['--once'], { clone, env, user });
    expect(ran.output).toContain('installed in');
    expectAllWell(ran);
    expect(statSync(join(clone, 'node_modules')).uid).toBe(user.uid);
  });
});

const engine = await bed();

describe.skipIf(engine?.swarm !== true)('on a swarm', () => {
  test('the demo does the same, and leaves neither stack nor volumes nor images', { timeout: limitMs }, async () => {
    const socketPath = engine?.socketPath ?? '';
    const env = { ...here.env, DOCKER_HOST: `unix://${socketPath}` };
    const ran = await demo(['--once', '--engine', 'swarm'], { ...here, env });
    expectAllWell(ran);
    const project = /stack (marketplace-\w+)-production/.exec(ran.output)?.[1] ?? '';
    expect(project).not.toBe('');
    const docker = new Docker({ socketPath });
    const filters = { label: [`slipway.project=${project}`] };
    expect(await docker.listServices({ filters })).toEqual([]);
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
    expect(await docker.listNetworks({ filters })).toEqual([]);
    expect(await docker.listImages({ filters })).toEqual([]);
  });
});

test('without a Docker Engine, the demo says what is missing and how to go on', { timeout: limitMs }, async () => {
  const env = { ...here.env, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  const { code, output } = await demo(['--once', '--engine', 'swarm'], { ...here, env });
  expect(output).toContain('no Docker Engine answers at /nowhere/docker.sock');
  expect(output).toContain('without Docker, leave out --engine swarm');
  expect(code).toBe(1);
});

/** What git knows of this clone, and what is new in it. */
async function copyClone(to: string): Promise<void> {
  const argv = ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', argv, { cwd: root, maxBuffer: 10_000_000 });
  for (const path of stdout.split('\0')) {
    // deleted, and not yet committed so
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path));
  }
}

function give(path: string, user: { readonly uid: number; readonly gid: number }): void {
  for (const entry of readdirSync(path, { recursive: true })) lchownSync(join(path, String(entry)), user.uid, user.gid);
  lchownSync(path, user.uid, user.gid);
}
