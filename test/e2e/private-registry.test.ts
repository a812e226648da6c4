import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';
import { Desk } from '../support/cli.ts';
import { guardedRegistry } from '../support/guarded-registry.ts';
import { removeImagesOf } from '../support/swarm-observer.ts';

const engine = await bed();
const socketPath = engine?.socketPath ?? '';
const name = `private${process.pid}`;

/** A service of a private image, and one that is built on one. */
const projectAt = (registry: string): Readonly<Record<string, string>> => ({
  'compose.yaml': `services:
  bought:
    image: ${registry}/library/busybox:1.36
    command: ["sleep", "1000000"]
    init: true
  built:
    build: .
    init: true
`,
  Dockerfile: `FROM ${registry}/library/busybox:1.36\nCMD ["sleep", "1000000"]\n`,
  'slipway.yaml': `project: ${name}
environments:
  prod:
    deployOn: { branch: main }
    cluster: swarm
    deploy: { stability: 1s }
`,
});

describe.skipIf(!engine?.swarm || !engine.registry)('images of a registry with a password', () => {
  let desk: Desk;
  let registry: Awaited<ReturnType<typeof guardedRegistry>>;
  let address: string;
  beforeAll(async () => {
    registry = await guardedRegistry(engine?.registry ?? '', 'ann:right');
    address = `127.0.0.1:${registry.port}`;
    desk = await Desk.make();
    await desk.write(projectAt(address));
    for (const words of ['init -q -b main', 'add -A', 'commit -q -m first']) await desk.git(...words.split(' '));
    expect(await desk.slipway(['up', '--detach', '--port', '0'])).toMatchObject({ code: 0 });
    expect(await desk.slipway(['cluster', 'add', 'swarm', '--socket', socketPath])).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await desk.slipway(['rm', `${name}-prod`, '--yes']);
    await desk.dispose();
    await removeImagesOf(socketPath, name);
    const docker = new Docker({ socketPath });
    const names = (await docker.listImages()).flatMap((image) => [
      ...(image.RepoTags ?? []),
      ...(image.RepoDigests ?? []),
    ]);
    for (const pulled of names.filter((one) => one.startsWith(`${address}/`)))
      await docker
        .getImage(pulled)
        .remove()
        .catch(() => undefined);
    registry.close();
  });
  const login = (password: string) =>
    desk.slipway(['registry', 'login', address, '--username', 'ann'], { input: `${password}\n` });

  test.each([
    ['none are kept', null],
    ['the password is wrong', 'wrong'],
  ])('where %s, the deployment says what to do, and nothing is made', async (_, password) => {
    if (password !== null) expect(await login(password)).toMatchObject({ code: 0 });
    const said = await desk.slipway(['deploy']);
    expect(said.code).toBe(1);
    expect(said.stdout + said.stderr).toContain(`slipway registry login ${address}`);
    expect((await desk.slipway(['ps'])).stdout).not.toContain('running');
  });

  test('with the right ones it is built and runs, and they are shown nowhere', async () => {
    expect(await login('right')).toMatchObject({ code: 0 });
    const said = await desk.slipway(['deploy', '--logs']);
    expect(said, said.stdout + said.stderr).toMatchObject({ code: 0 });
    const shown = (await desk.slipway(['ps'])).stdout;
    expect(shown).toMatch(/bought[\s\S]*running/);
    expect(shown).toMatch(/built[\s\S]*running/);
    const listed = await desk.slipway(['registry', 'ls']);
    expect(listed.stdout).toContain('ann');
    expect(listed.stdout + said.stdout + said.stderr).not.toContain('right');
  });
});
