import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { latestStable } from '#store/revisions.ts';
import { Slipway } from '../support/slipway.ts';
import { openPlace, type Place } from './stage.ts';

/** What a commit may hold that cannot be deployed: by what it is named, and where that is told. */
const compose = (service: string) => `services:
  web:
    build: web
    expose: ["3000"]
    x-slipway: { local: { command: [node, main.mjs], health: /healthz } }
${service}`;

describe('a bad commit', () => {
  let place: Place;
  let stable: number | undefined;
  let good = '';
  beforeAll(async () => {
    place = await openPlace({ cluster: 'local', deadline: '6s' });
    const first = await place.deploy('first');
    expect(first).toMatchObject({ status: 'succeeded' });
    good = first.commit ?? '';
    stable = (await latestStable((await place.slipway.store()).db, place.stack))?.number;
    await place.starts();
  });
  afterAll(() => place.dispose());
  /** The files of the first, good commit. */
  const restore = async (): Promise<void> => {
    await place.shop.git('rm', '-q', '-r', '--cached', '.');
    await place.shop.git('checkout', '-q', good, '--', '.');
    await place.shop.git('clean', '-q', '-f', '-d');
  };
  afterEach(async () => {
    await restore();
    await place.starts();
  });

  /** The deployment fails with a reason that names the thing; no process starts; going back to good files deploys. */
  async function fails(files: Readonly<Record<string, string>>, reason: RegExp): Promise<void> {
    for (const [path, content] of Object.entries(files)) await place.shop.write(path, content);
    const ended = await place.deploy();
    expect(ended.status, ended.reason ?? '').toBe('failed');
    expect(ended.reason).toMatch(reason);
    // where the server keeps its files is nobody's business
    expect(ended.reason).not.toContain(place.slipway.data);
    expect(await place.starts()).toBe(0);
    expect((await latestStable((await place.slipway.store()).db, place.stack))?.number).toBe(stable);
  }

  test.each([
    ['is no YAML', 'services:\n  web: [unclosed\n', /compose\.yaml:\d+/],
    ['has an unknown key', compose('    imagee: nginx\n'), /compose\.yaml:\d+:\d+.*imagee.*image/s],
    ['reads a file of the machine', compose('    env_file: /etc/shadow\n'), /\/etc\/shadow/],
    [
      'extends what is outside',
      compose('    extends: { file: ../../other.yaml, service: web }\n'),
      /\.\.\/\.\.\/other\.yaml/,
    ],
    ['builds what is outside', compose('').replace('build: web', 'build: ../..'), /\.\.\/\.\.|outside/],
    ['includes what is outside', `include: [/etc/passwd]\n${compose('')}`, /compose\.yaml:1.*\/etc\//],
    [
      'takes a config of the machine',
      `${compose('    configs: [c]\n')}configs: { c: { file: /etc/passwd } }\n`,
      /\/etc\/passwd/,
    ],
    ['depends on what is not there', compose('    depends_on: [nobody]\n'), /nobody/],
  ] as const)('whose Compose file %s fails, and names it', (_, file, reason) =>
    fails({ 'compose.yaml': file }, reason),
  );

  test("whose Compose file asks for the server's own variables gets nothing", async () => {
    const file = compose('    environment: { LEAK: "${PATH}${HOME}${SLIPWAY_TEST_DATA}" }\n');
    await place.shop.write('compose.yaml', file);
    const { status, id, reason } = await place.deploy();
    expect(status, reason ?? '').toBe('succeeded');
    const { body } = await place.slipway.api('GET', `/v1/deployments/${id}`);
    expect(JSON.stringify(body)).not.toContain(place.slipway.data);
    await restore();
    expect(await place.deploy()).toMatchObject({ status: 'succeeded' });
    stable = (await latestStable((await place.slipway.store()).db, place.stack))?.number;
    await place.starts();
  });

  test('with a link that leads out of the checkout fails, and names it', async () => {
    await symlink('/etc/shadow', join(place.shop.folder, 'leak.env'));
    await fails({ 'compose.yaml': compose('    env_file: leak.env\n') }, /leak\.env/);
  });

  test('with a service that cannot run here fails before anything is built, and names it', () =>
    fails({ 'compose.yaml': compose('  db:\n    image: postgres:16\n') }, /db.*image/s));

  test('whose install step fails says so with its output', () =>
    fails(
      {
        'compose.yaml': compose('').replace(
          'command: [',
          `install: [node, -e, "console.log('no such package'); process.exit(3)"], command: [`,
        ),
      },
      /web.*no such package|no such package/s,
    ));

  test('with a broken slipway.yaml deploys nothing, and the push itself says why', async () => {
    await place.shop.write('slipway.yaml', 'project: [\n');
    await place.shop.commit('broken');
    expect(await place.shop.push(place.slipway)).toMatch(/nothing is deployed.*slipway\.yaml/s);
  });

  test.each([
    ['crashes', { crash: true }, /failed 2 times.*exit code 7/s, /no luck today/],
    ['never becomes healthy', { healthy: false }, /not done by its deadline/, /starting/],
  ] as const)(
    'whose service %s goes back within its deadline, with the reason and the last lines',
    async (_, how, why, line) => {
      await place.shop.behave('jobs', { ...how, onlyLive: true });
      const { status, reason, deadlineAt, startedAt } = await place.deploy();
      expect(status).toBe('rolled-back');
      expect(reason).toMatch(why);
      expect(reason).toMatch(line);
      expect((deadlineAt ?? 0) - (startedAt ?? 0)).toBeLessThan(30_000);
    },
  );

  test.each([
    ['fail', /1 of 4 tests failed/],
    ['empty', /jobs/],
  ] as const)('whose tests %s is not deployed', async (how, reason) => {
    await place.shop.behave('jobs', { test: how });
    const ended = await place.deploy();
    expect(ended).toMatchObject({ status: 'failed' });
    expect(ended.reason).toMatch(reason);
    expect(await place.starts()).toBe(3);
  });

  test('is followed by a good one, which is deployed', async () => {
    await place.shop.behave('web', { startMs: 1 });
    expect(await place.deploy()).toMatchObject({ status: 'succeeded', reason: null });
  });

  test('and a second server on the same data folder is refused, while the first goes on', async () => {
    const second = Slipway.on(place.slipway.data);
    await expect(second.run()).rejects.toMatchObject({ code: 'data.locked' });
    expect((await place.slipway.api('GET', '/v1/deployments')).status).toBe(200);
  });
});
