import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desk, type Said, smallProject } from '../../test/support/cli.ts';
import { until } from '../../test/support/until.ts';
import { readServerFile } from './access.ts';
import { commands } from './commands.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.make();
});
afterAll(() => desk.dispose());

/** What `--json` printed, checked against the schema that the command publishes; streams give all their lines. */
async function json(argv: readonly string[], options: { readonly input?: string } = {}): Promise<unknown[]> {
  const said = await desk.slipway(['--json', ...argv], options);
  expect(said.stderr).toBe('');
  const lines = said.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  const name = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((words) => Object.hasOwn(commands, words)) ?? '';
  const command = await commands[name]?.load();
  for (const line of lines)
    expect(command?.result.safeParse(line).error, `${name}: ${JSON.stringify(line)}`).toBeUndefined();
  if (command?.streams === false) expect(lines).toHaveLength(1);
  return lines;
}
const ok = (said: Said): Said => {
  expect(said, said.stderr).toMatchObject({ code: 0 });
  return said;
};

describe('without a server', () => {
  test('a command that needs one says how to get one, and ends with 77', async () =>
    expect(await desk.slipway(['ps'])).toMatchObject({
      code: 77,
      stdout: '',
      stderr: expect.stringMatching(/^error: no Slipway server is known here\n {2}try: start one with `slipway up`/),
    }));

  test('config prints what docker compose would, from the disk and the variables of the shell', async () => {
    await desk.write(smallProject('one'));
    const said = ok(await desk.slipway(['config', '--json', 'compose.yaml'], { env: { GREETING: 'a$b' } }));
    expect(JSON.parse(said.stdout)).toMatchObject({
      name: 'shop',
      services: { web: { environment: { GREETING: 'a$b' } } },
    });
    const again = ok(await desk.slipway(['config', '--format', 'json'], { env: { GREETING: 'a$b' } }));
    expect(JSON.parse(again.stdout)).toMatchObject({ services: { web: { environment: { GREETING: 'a$$b' } } } });
  });

  test('validate names file, line, column and the nearest key, and ends with 65', async () => {
    await desk.write({ 'compose.yaml': 'services:\n  web:\n    imagee: x\n' });
    expect(await desk.slipway(['validate'])).toMatchObject({
      code: 65,
      stdout: expect.stringMatching(/^compose\.yaml:3:5: .*image/),
    });
    const [report] = await json(['validate']);
    expect(report).toMatchObject({ valid: false, problems: [{ file: 'compose.yaml', line: 3, column: 5 }] });
  });

  test('validate refuses a file outside of the checkout, as the server does', async () => {
    await desk.write({ 'compose.yaml': 'services:\n  web:\n    image: x\n    env_file: /etc/passwd\n' });
    const said = await desk.slipway(['validate']);
    expect(said).toMatchObject({ code: 65, stdout: expect.stringContaining('outside the checkout') });
    expect(said.stdout).not.toContain('root:');
  });

  test('init takes the current branch, adds the remote with a credential helper, and says what runs where', async () => {
    await desk.write({ ...smallProject('one') });
    ok(await desk.git('init', '-q', '-b', 'master'));
    const [made] = await json(['init']);
    expect(made).toMatchObject({
      project: 'shop',
      branch: 'master',
      file: { written: true },
      remote: { name: 'slipway', url: 'http://127.0.0.1:4646/git/shop.git', state: 'added' },
      engines: [
        { engine: 'local', runs: true },
        { engine: 'swarm', runs: true },
      ],
    });
    expect((await desk.git('config', '--get-all', 'credential.http://127.0.0.1:4646.helper')).stdout).toContain(
      'git-credential',
    );
    expect(await desk.slipway(['validate'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("stack 'shop-production'"),
    });
  });

  test('init keeps what somebody wrote', async () => {
    const file = join(desk.project, 'slipway.yaml');
    const text = `${await readFile(file, 'utf8')}\n# mine\n`;
    await desk.write({ 'slipway.yaml': text });
    expect(await json(['init'])).toMatchObject([{ file: { written: false }, remote: { state: 'kept' } }]);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('what is piped into a reader that has seen enough is no error', async () => {
    const said = await desk.slipway(['--help']);
    expect(said).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('with a server', () => {
  beforeAll(async () => {
    ok(await desk.slipway(['up', '--detach', '--port', '0']));
    // the remote of the tests above points to the default port
    ok(await desk.slipway(['init']));
    ok(await desk.git('add', '-A'));
    ok(await desk.git('commit', '-q', '-m', 'one'));
  });

  test('a second server on the same folder is refused, naming the first', async () => {
    const pid = readServerFile(desk.data)?.pid;
    expect(await desk.slipway(['up', '--port', '0'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        new RegExp(`^error: the data folder .* is in use by another Slipway, process ${pid}\n {2}try: `),
      ),
    });
  });

  test('a taken port is named, and nothing is left behind', async () => {
    const { port } = new URL(readServerFile(desk.data)?.url ?? '');
    const other = join(desk.home, 'other');
    expect(await desk.slipway(['up', '--data', other, '--port', port])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
    });
    expect(await json(['down', '--data', other])).toEqual([{ stopped: 'left behind', dataFolder: other, all: false }]);
  });

  test('the way of a commit: plan, deploy, look, and a plan that is empty', async () => {
    expect((await desk.slipway(['plan'])).code).toBe(2);
    const followed = await json(['deploy']);
    expect(followed.at(-1)).toMatchObject({ deployment: { status: 'succeeded', over: true } });
    expect(followed).toContainEqual({ event: expect.objectContaining({ type: 'build.succeeded' }) });
    expect(await desk.slipway(['plan'])).toMatchObject({ code: 0, stdout: expect.stringContaining('No changes') });
    expect(await json(['plan'])).toMatchObject([{ stack: 'shop-production', changes: [] }]);
    expect(await json(['ps'])).toMatchObject([
      { items: [{ name: 'shop-production', services: [{ name: 'web', wanted: 1, running: 1 }] }] },
    ]);
    expect(ok(await desk.slipway(['logs'])).stdout).toContain('up as hello');
    expect(await json(['logs', 'web', '--tail', '1'])).toMatchObject([{ service: 'web', text: 'up as hello' }]);
    expect(await json(['deployments'])).toMatchObject([{ items: [{ id: 1, kind: 'deploy' }] }]);
    expect(ok(await desk.slipway(['show', '1'])).stdout).toContain('create  service/web');
    expect(await json(['events', '--types', 'deployment.succeeded'])).toMatchObject([{ subject: 'shop-production' }]);
    // a process of a checkout has no image that another engine could run
    expect(await desk.slipway(['render', 'shop-production'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a stack.yml can only name images'),
    });
  });

  test('exec ends with the exit code of what it ran', async () => {
    const argv = ['exec', 'shop-production', 'web', '--', 'node', '-e', 'console.log(1 + 1); process.exit(7)'];
    expect(await desk.slipway(argv)).toMatchObject({ code: 7, stdout: '2\n' });
  });

  test('exec gives and takes bytes as they are, and lines of JSON for programs', async () => {
    const upperCase = "process.stdin.on('data', (d) => process.stdout.write(String(d).toUpperCase()))";
    const argv = ['exec', 'shop-production', 'web', '-i', '--', 'node', '-e', upperCase];
    expect(await desk.slipway(argv, { input: 'no end of line' })).toMatchObject({ code: 0, stdout: 'NO END OF LINE' });
    const bytes = ['exec', 'shop-production', 'web', '--', 'node', '-e', 'process.stdout.write(Buffer.of(0, 255))'];
    expect(await json(bytes)).toEqual([{ stream: 'stdout', base64: 'AP8=' }, { exitCode: 0 }]);
  });

  test('exec without a terminal says what to do', async () => {
    const said = await desk.slipway(['exec', '-t', 'shop-production', 'web', '--', 'sh']);
    expect(said).toMatchObject({ code: 64, stderr: expect.stringContaining('no terminal') });
  });

  test('a push by plain git finds its token, and its deployment can be followed from its beginning', async () => {
    await desk.write(smallProject('two'));
    ok(await desk.git('commit', '-qam', 'two'));
    const pushed = ok(await desk.git('push', 'slipway', 'master'));
    const id = /slipway show (\d+) --follow/.exec(pushed.stderr)?.[1] ?? '';
    const { code, stdout } = await desk.slipway(['show', id, '--follow']);
    expect(stdout).toMatch(/queued shop-production[\s\S]*build: built web[\s\S]*succeeded/);
    expect(code).toBe(0);
  });

  test('deploy warns of what is not committed, with --detach it returns at once', async () => {
    await desk.write({ 'web/new.txt': 'x' });
    const said = ok(await desk.slipway(['deploy', '--detach']));
    expect(said.stderr).toMatch(/^warning: 1 uncommitted change will not be deployed: web\/new\.txt\n$/);
    const id = /deployment (\d+) of 'shop-production' is queued/.exec(said.stdout)?.[1] ?? '';
    ok(await desk.slipway(['show', id, '--follow']));
  });

  test('a rollback is a deployment of its own', async () => {
    const items = await json(['rollback', 'shop-production']);
    expect(items.at(-1)).toMatchObject({ deployment: { kind: 'rollback', status: 'succeeded' } });
  });

  test('a rollback to what is not kept any more is refused before anything is touched', async () => {
    const running = async () => {
      const [{ items }] = (await json(['ps'])) as [{ items: { services: unknown; revision: unknown }[] }];
      return items.map(({ services, revision }) => ({ services, revision }));
    };
    const before = await running();
    const folder = join(desk.data, 'artifacts');
    await rename(folder, `${folder}.away`);
    expect(await desk.slipway(['rollback', 'shop-production'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /release \d+ cannot run any more: what was built for web is gone\n.*deploy its commit/,
      ),
    });
    await rename(`${folder}.away`, folder);
    expect(await running()).toEqual(before);
  });

  test('a deployment that fails ends with 1 and says why; Ctrl-C detaches from one and cancels nothing', async () => {
    await desk.write({ 'web/server.mjs': "setTimeout(() => process.exit(9), 4000); console.log('doomed');\n" });
    ok(await desk.git('commit', '-qam', 'three'));
    const running = desk.start(['deploy']);
    await until('the rollout', async () => running.out().includes('deploying'));
    running.child.kill('SIGINT');
    const said = await running.said;
    expect(said).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/detached: deployment (\d+) goes on; follow it again with/),
    });
    const id = /deployment (\d+) goes on/.exec(said.stderr)?.[1] ?? '';
    const again = await desk.slipway(['show', id, '--follow']);
    expect(again).toMatchObject({ code: 1, stdout: expect.stringMatching(/rolled-back|failed/) });
    const [shown] = await json(['show', id]);
    expect(shown).toMatchObject({ deployment: { status: 'rolled-back', cancelRequestedAt: null } });
  });

  test('variables come from the standard input, secrets are never shown, and the next deployment has them', async () => {
    ok(await desk.slipway(['env', 'set', 'GREETING'], { input: 'good day\n' }));
    ok(await desk.slipway(['env', 'set', '--secret', '-e', 'production'], { input: 'TOKEN=s3cret-value\n' }));
    expect(await json(['env', 'ls'])).toMatchObject([
      { items: [{ name: 'GREETING', value: 'good day', secret: false }] },
    ]);
    const listed = ok(await desk.slipway(['env', 'ls', '-e', 'production']));
    expect(listed.stdout).toContain('TOKEN');
    expect(listed.stdout).not.toContain('s3cret-value');
    await desk.write(smallProject('four'));
    ok(await desk.git('commit', '-qam', 'four'));
    ok(await desk.slipway(['deploy']));
    expect(ok(await desk.slipway(['logs', '--tail', '5'])).stdout).toContain('up as good day');
    expect(await json(['env', 'rm', 'GREETING'])).toEqual([{ removed: ['GREETING'] }]);
  });

  test('login keeps a token that the server knows, for its owner only, and none that it does not', async () => {
    const url = readServerFile(desk.data)?.url ?? '';
    expect(await desk.slipway(['login', url], { input: 'wrong' })).toMatchObject({ code: 77 });
    const token = await readFile(join(desk.data, 'token'), 'utf8');
    const [made] = await json(['login', url], { input: token });
    expect(made).toMatchObject({ url, user: 'first' });
    const file = join(desk.home, '.config/slipway/credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await desk.slipway(['ps'], { env: { SLIPWAY_DATA: '/nowhere' } })).toMatchObject({ code: 0 });
  });

  test.each([
    [['cluster', 'ls'], { items: [{ name: 'local' }] }],
    [['project', 'ls'], { items: [{ name: 'shop' }] }],
    [['registry', 'ls'], { items: [] }],
    [['channel', 'ls'], { items: [] }],
  ] as const)('%j prints its documented object', async (argv, expected) =>
    expect(await json(argv)).toMatchObject([expected]),
  );

  test('what is not there ends with 66, and says where to look', async () =>
    expect(await desk.slipway(['show', '999'])).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('`slipway deployments`'),
    }));

  test('rm asks for --yes where nobody can be asked, and removes then', async () => {
    expect(await desk.slipway(['rm', 'shop-production'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--yes'),
    });
    expect((await json(['rm', 'shop-production', '--yes'])).at(-1)).toMatchObject({
      deployment: { kind: 'remove', status: 'succeeded' },
    });
    expect(await json(['ps'])).toEqual([{ items: [] }]);
  });

  test('down stops what a killed server left: nobody answers, and the database has ended', async () => {
    process.kill(readServerFile(desk.data)?.pid ?? 0, 'SIGKILL');
    await until('the end of the server', async () => (await desk.slipway(['ps'])).code === 69);
    expect(await json(['down'])).toMatchObject([{ stopped: 'left behind' }]);
    expect(await json(['down'])).toMatchObject([{ stopped: 'nothing' }]);
  });
});

test('in the foreground the server says where it is; Ctrl-C stops it cleanly', async () => {
  const other = join(desk.home, 'foreground');
  const running = desk.start(['up', '--data', other, '--port', '0']);
  await until('the server', async () => running.out().includes('Slipway is up'));
  const { url } = readServerFile(other) ?? { url: '' };
  expect(running.out()).toContain(url);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  running.child.kill('SIGINT');
  expect(await running.said).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('what is deployed goes on running'),
  });
  expect(readServerFile(other)).toBeNull();
  expect(await json(['down', '--data', other])).toMatchObject([{ stopped: 'nothing' }]);
});
