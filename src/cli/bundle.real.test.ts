import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Desk, type Said, smallProject } from '../../test/support/cli.ts';
import { version } from '../domain/version.ts';
import { compile } from './compiled.ts';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;
let folder: string;
let desk: Desk;

// below the project, where its dependencies are found, and by a name that is odd in addresses
beforeAll(async () => {
  folder = await mkdtemp(join(root, 'node_modules', '.slipway #1 100%-'));
  await run('npx', ['tsup', '--out-dir', folder], { cwd: root });
  desk = await Desk.make([join(folder, 'slipway.js')]);
});
afterAll(async () => {
  await desk.dispose();
  await rm(folder, { recursive: true, force: true });
});

const ok = (said: Said): Said => {
  expect(said, said.stderr).toMatchObject({ code: 0 });
  return said;
};

test('what was built is a whole Slipway: server, push with its credential helper, deployment, removal', async () => {
  await desk.write(smallProject('one'));
  ok(await desk.git('init', '-q', '-b', 'main'));
  ok(await desk.slipway(['up', '--detach', '--port', '0']));
  ok(await desk.slipway(['init']));
  ok(await desk.git('add', '-A'));
  ok(await desk.git('commit', '-q', '-m', 'one'));
  const pushed = ok(await desk.git('push', 'slipway', 'main'));
  const id = /slipway show (\d+) --follow/.exec(pushed.stderr)?.[1] ?? '';
  expect(ok(await desk.slipway(['show', id, '--follow'])).stdout).toContain('succeeded');
  expect(ok(await desk.slipway(['logs'])).stdout).toContain('up as hello');
  expect(await desk.slipway(['rollback', 'nothing'])).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/^error: there is no stack 'nothing'\n {2}try: /),
  });
  expect(ok(await desk.slipway(['down', '--all'])).stdout).toContain('stopped');
});

test('it is written in ASCII, as which it is read', async () => {
  expect(await readFile(join(folder, 'program.js'), 'utf8')).not.toMatch(/[^\0-\x7f]/);
});

test('it begins with what was compiled when it was built, and without that runs as well', async () => {
  const program = join(folder, 'program.js');
  expect(compile(program).isKept).toBe(true);
  await writeFile(`${program}.code`, 'of another V8');
  expect(compile(program).isKept).toBe(false);
  expect(ok(await desk.slipway(['--version'])).stdout).toBe(`slipway ${version}\n`);
  await rm(`${program}.code`);
  expect(compile(program).isKept).toBe(false);
  expect(ok(await desk.slipway(['--version'])).stdout).toBe(`slipway ${version}\n`);
});
