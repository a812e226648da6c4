import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStackName } from '#domain/stack-name.ts';
import { openClusters } from '../../src/clusters.ts';
import { bed } from '../bed/bed.ts';
import { Slipway } from '../support/slipway.ts';
import { proxySocket, type SocketProxy } from '../support/socket-proxy.ts';
import { observeSwarm, removeImagesOf, type SwarmObserver } from '../support/swarm-observer.ts';
import { openPlace, type Place } from './stage.ts';

const engine = await bed();

describe.skipIf(!engine?.swarm)('a project on a swarm', () => {
  const socketPath = engine?.socketPath ?? '';
  let proxy: SocketProxy;
  let observer: SwarmObserver;
  let place: Place;

  beforeAll(async () => {
    proxy = await proxySocket(socketPath);
    observer = await observeSwarm(socketPath);
    const slipway = await Slipway.start();
    await slipway.addSwarm('swarm', proxy.path);
    place = await openPlace({ cluster: 'swarm', deadline: '60s' }, slipway);
    const { status, reason } = await place.deploy('first');
    expect(status, reason ?? '').toBe('succeeded');
  });
  afterAll(async () => {
    const { slipway, stack, shop } = place;
    await proxy.mend();
    const clusters = openClusters({ store: await slipway.store(), dataDirectory: slipway.data, log: () => undefined });
    const adapters = await clusters.get('swarm');
    await adapters.engine.remove(parseStackName(stack), { volumes: true }, AbortSignal.timeout(30_000));
    await clusters.close();
    await place.dispose();
    await removeImagesOf(socketPath, shop.name);
    observer.close();
    await proxy.close();
  });

  /** What, by now, somebody wrote to the live services, whoever it was. */
  const writes = async (): Promise<readonly string[]> =>
    (await observer.about(`${place.stack}_`)).filter((line) => !line.endsWith('container start'));

  test('a commit that changes nothing writes nothing to the swarm', async () => {
    const before = await writes();
    expect(before).toHaveLength(3);
    expect(await place.deploy('an empty commit')).toMatchObject({ status: 'succeeded' });
    expect(await writes()).toEqual(before);
  });

  test.each(['building', 'testing', 'deploying'] as const)(
    'an engine that is away for ten seconds while a deployment is %s is no failure, and nothing is written twice',
    async (status) => {
      const { slipway, shop } = place;
      await shop.behave('web', { startMs: Math.floor(Date.now() % 1000) });
      const before = await writes();
      const id = await place.begin();
      await place.reached(id, status);
      await proxy.cut();
      await sleep(10_000);
      await proxy.mend();
      const ended = await slipway.over(id, 120_000);
      expect(ended.status, ended.reason ?? '').toBe('succeeded');
      expect((await writes()).slice(before.length)).toEqual([`${place.stack}_web: update`]);
    },
  );

  test('a missing Dockerfile and a failing build are told with their service, and nothing of the stack is touched', async () => {
    const before = await writes();
    await place.shop.git('mv', 'jobs/Dockerfile', 'jobs/Elsewhere');
    const missing = await place.deploy('no Dockerfile');
    expect(missing).toMatchObject({ status: 'failed' });
    expect(missing.reason).toMatch(/jobs.*Dockerfile/s);
    await place.shop.write('jobs/Dockerfile', 'FROM node:20-slim\nRUN echo out of luck && exit 3\n');
    const failing = await place.deploy('a failing build');
    expect(failing).toMatchObject({ status: 'failed' });
    expect(failing.reason).toMatch(/jobs.*out of luck/s);
    expect(await writes()).toEqual(before);
    await place.shop.git('mv', '-f', 'jobs/Elsewhere', 'jobs/Dockerfile');
    expect(await place.deploy('good again')).toMatchObject({ status: 'succeeded' });
  });

  test('an image that is not to be had fails before anything is built, and names it', async () => {
    const before = await writes();
    const good = await place.shop.git('show', 'HEAD:compose.yaml');
    await place.shop.write(
      'compose.yaml',
      good.replace('services:\n', 'services:\n  db:\n    image: nobody/nothing:9\n'),
    );
    const ended = await place.deploy('no such image');
    expect(ended).toMatchObject({ status: 'failed', build: null });
    expect(ended.reason).toMatch(/db.*nobody\/nothing:9/s);
    expect(await writes()).toEqual(before);
    await place.shop.write('compose.yaml', good);
  });

  /** As it is on disk: an earlier test may have mended it without a commit. */
  const written = (path: string): Promise<string> => readFile(join(place.shop.folder, path), 'utf8');

  /** A commit with something after the service's first line in the Compose file, which is good again after it. */
  async function deployWith(service: string, lines: string) {
    const good = await written('compose.yaml');
    await place.shop.write('compose.yaml', good.replace(`  ${service}:\n`, `  ${service}:\n${lines}`));
    try {
      return await place.deploy(`${service} with ${lines.trim()}`);
    } finally {
      await place.shop.write('compose.yaml', good);
    }
  }

  test('a port of the host that somebody else has ends the rollout with the engine’s reason, and the stack goes back', async () => {
    const taken = createServer();
    await once(taken.listen(0, '0.0.0.0'), 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      const ended = await deployWith('jobs', `    ports: [{ target: 3000, published: "${port}", mode: host }]\n`);
      expect(ended.status, ended.reason ?? '').toBe('rolled-back');
      expect(ended.reason).toMatch(new RegExp(`jobs.*${port}`, 's'));
      expect(ended.reason).toContain('returned to stable revision');
    } finally {
      taken.close();
    }
  });

  test('a service that no node fits fails its tests by the deadline, in the engine’s words, and the live one runs on', async () => {
    const before = await writes();
    const settings = await written('slipway.yaml');
    await place.shop.write('slipway.yaml', settings.replace('deadline: 60s', 'deadline: 15s'));
    const ended = await deployWith(
      'jobs',
      '    deploy: { placement: { constraints: [node.labels.there == never] } }\n',
    );
    expect(ended.status).toBe('failed');
    expect(ended.reason).toMatch(/jobs.*no suitable node/s);
    await place.shop.write('slipway.yaml', settings);
    expect(await writes()).toEqual(before);
  });
});
