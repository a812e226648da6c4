import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test as plainTest } from 'vitest';
import type { ServiceSpec } from '#domain/stack/spec.ts';
import { bed } from '../../../../test/bed/bed.ts';
import {
  type EngineProxy,
  firstOf,
  halfAnAnswer,
  proxyEngine,
  says,
  silence,
} from '../../../../test/support/engine-proxy.ts';
import { guardedRegistry } from '../../../../test/support/guarded-registry.ts';
import { swarmHarness } from '../../../../test/support/swarm-harness.ts';
import { type Harness, plainService, Stage } from '../conformance/stage.ts';
import { swarmState } from './state.ts';
import { type SwarmOptions, swarmEngine } from './swarm.ts';

/** Engines that are away, hang or hang up, registries that refuse, and stacks that cannot start: on a real swarm. */
const there = await bed();
const socketPath = there?.socketPath ?? '/nowhere';
const docker = new Docker({ socketPath });
const unreachable = { code: 'engine.unreachable' };
const specHash = (): string => 'same';
const openEngine = (path: string, more: Partial<SwarmOptions> = {}) =>
  swarmEngine({ engine: { socketPath: path }, versionKey: new Uint8Array(32), specHash, ...more });

describe.skipIf(!there?.swarm).concurrent('on a real swarm in trouble', { timeout: 240_000 }, () => {
  let base: Harness;
  beforeAll(async () => {
    base = await swarmHarness(socketPath);
  });
  afterAll(() => base?.dispose());

  const test = plainTest.extend<{ stage: Stage; proxy: EngineProxy; proxied: Stage }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it what the fixture needs
    stage: async ({}, use) => {
      const stage = new Stage(base);
      await use(stage);
      await stage.strike();
    },
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it what the fixture needs
    proxy: async ({}, use) => {
      const proxy = await proxyEngine(socketPath);
      await use(proxy);
      await proxy.close();
    },
    proxied: async ({ proxy }, use) => {
      const stage = new Stage({ ...base, engine: openEngine(proxy.path) });
      await use(stage);
      proxy.trouble = () => false;
      await stage.strike();
    },
  });
  const services = (stage: Stage) => docker.listServices({ filters: { label: [`slipway.stack=${stage.name}`] } });
  /** Not healthy before long, and not asked about it. */
  const web = (stage: Stage, change: Partial<ServiceSpec> = {}) => stage.service('web', { health: null, ...change });
  const host = (stage: Stage, more: Partial<ServiceSpec['host']>) => ({ host: { ...web(stage).host, ...more } });

  test('an engine whose socket is not there is unreachable at once, with what to do', async ({ stage }) => {
    const engine = openEngine('/run/slipway-nobody.sock');
    await expect(engine.observe(stage.name, stage.signal)).rejects.toMatchObject({
      ...unreachable,
      hint: expect.stringContaining('systemctl start docker'),
    });
    const dead = swarmState(new Docker({ socketPath: '/run/slipway-nobody.sock' }), stage.signal);
    await expect(dead).rejects.toMatchObject(unreachable);
  });

  test('an engine that takes a request and never answers is unreachable in time, and used again after', async ({
    proxied,
    proxy,
  }) => {
    await proxied.observe();
    proxy.trouble = silence;
    const begun = Date.now();
    await expect(proxied.observe()).rejects.toMatchObject(unreachable);
    expect(Date.now() - begun).toBeLessThan(25_000);
    proxy.trouble = () => false;
    expect((await proxied.observe()).things).toEqual([]);
  });

  test('an engine that hangs up in the middle of an answer is unreachable, and says so at once', async ({
    proxied,
    proxy,
  }) => {
    await proxied.observe();
    proxy.trouble = firstOf('GET', /\/tasks/, halfAnAnswer);
    await expect(proxied.observe()).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('hung up in the middle'),
    });
    expect((await proxied.observe()).instances).toEqual([]);
  });

  test('a write whose answer is lost is not done twice when it is applied again', async ({ proxied, proxy }) => {
    const spec = proxied.spec([web(proxied)]);
    await proxied.apply(spec, 'create', { kind: 'network', name: 'default' });
    proxy.trouble = firstOf('POST', /\/services\/create/, (req, res) => {
      const onward = request({ socketPath, path: req.url, method: 'POST', headers: req.headers }, () => res.destroy());
      req.pipe(onward);
      return true;
    });
    await expect(proxied.applyService(spec, 'create', 'web')).rejects.toMatchObject(unreachable);
    const [first] = await services(proxied);
    await proxied.applyService(spec, 'create', 'web');
    const [after, ...others] = await services(proxied);
    expect([after?.ID, after?.Version?.Index, others]).toEqual([first?.ID, first?.Version?.Index, []]);
  });

  test('a network that the manager has not allocated yet is recorded as it is once it has', async ({
    proxied,
    proxy,
  }) => {
    const spec = proxied.spec([web(proxied)]);
    let looks = 0;
    proxy.trouble = (req, res) => {
      if (req.method !== 'GET' || !req.url?.startsWith('/v1') || !req.url.includes('/networks?')) return false;
      looks += 1;
      // the first look is before it is made
      if (looks === 1 || looks > 4) return false;
      const early = { Id: 'n', Name: `${proxied.name}_default`, Driver: '', Scope: 'swarm', Labels: {} };
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify([early]));
      return true;
    };
    const native = await proxied.apply(spec, 'create', { kind: 'network', name: 'default' });
    expect(looks).toBe(5);
    const [seen] = (await proxied.observe()).things;
    expect(native).toEqual(seen?.native);
  });

  test('an update that somebody overtook is made on what is there then, once', async ({ proxied, proxy }) => {
    await proxied.create(proxied.spec([web(proxied)]));
    proxy.trouble = firstOf('POST', /\/services\/.+\/update/, says(500, 'rpc error: update out of sequence'));
    const next = proxied.spec([web(proxied, { environment: { VERSION: '2' } })]);
    await proxied.applyService(next, 'update', 'web');
    expect(proxy.passed('POST', /\/services\/.+\/update/)).toBe(1);
    const [live] = await services(proxied);
    expect(JSON.stringify(live?.Spec)).toContain('VERSION=2');
  });

  test('a stack that no node fits says so in the engine’s words', async ({ stage }) => {
    const placement = { constraints: ['node.labels.there == never'], spread: [], maxPerNode: null, platform: null };
    await stage.create(stage.spec([web(stage, { placement })]));
    const told = await stage.some('web', 'a reason', (one) => (one.message ?? '').includes('no suitable node'));
    expect(told.state).toBe('pending');
  });

  test('a host port that is taken is said to be, in the engine’s words', async ({ stage }) => {
    const published = await freePort();
    const ports = [
      { target: 8080, published: [published, published], protocol: 'tcp', mode: 'host', hostIp: null },
    ] as const;
    const spec = stage.spec([web(stage, { ports }), { ...web(stage, { ports }), name: 'second' }]);
    await stage.create(spec);
    const told = await stage.until('the second to wait', async () => {
      const { instances } = await stage.observe();
      const found = instances.find((one) => (one.message ?? '').includes('port already in use'));
      return { done: found !== undefined, value: found, seen: instances };
    });
    expect(told.state).toBe('pending');
  });

  test('a service on its node’s own network runs and is reached there', async ({ stage }) => {
    const port = await freePort();
    const environment = { PORT: String(port), LISTEN: '127.0.0.1' };
    const spec = stage.spec([web(stage, { ...host(stage, { networkMode: 'host' }), environment, networks: [] })], {
      networks: [],
    });
    expect((await stage.engine.check(spec, stage.signal)).filter((one) => one.level === 'refused')).toEqual([]);
    await stage.create(spec);
    const [one] = await stage.settled('web', 1);
    const answered = await stage.until('an answer', async () => {
      const answer = one && (await stage.get(one, '/healthz', port).catch(() => undefined));
      return { done: answer?.status === 200, value: answer, seen: answer };
    });
    expect(answered.body).toBe('well');
  });

  test('what is declared external is used where it is there, and refused by name where it is not', async ({
    stage,
  }) => {
    const name = `${stage.name}-shared`;
    const shared = stage.spec([]).networks.map((one) => ({ ...one, key: 'shared', external: name }));
    const file = { key: 'tls', kind: 'config', external: `${name}-tls`, base64: null } as const;
    const service = web(stage, {
      networks: [{ network: 'shared', aliases: [], driverOptions: {} }],
      files: [{ file: 'tls', kind: 'config', target: '/run/tls', uid: '0', gid: '0', mode: 0o444 }],
    });
    const spec = stage.spec([service], { networks: shared, files: [file] });
    const refusals = async () =>
      (await stage.engine.check(spec, stage.signal)).filter((one) => one.level === 'refused');
    expect((await refusals()).map((one) => one.message)).toEqual([
      expect.stringContaining(`'${name}'`),
      expect.stringContaining(`'${name}-tls'`),
    ]);
    await expect(stage.applyService(spec, 'create', 'web')).rejects.toMatchObject({ code: 'engine.refused' });
    const network = await docker.createNetwork({ Name: name, Driver: 'overlay', Attachable: true });
    const config = await docker.createConfig({ Name: `${name}-tls`, Data: Buffer.from('hi').toString('base64') });
    try {
      expect(await refusals()).toEqual([]);
      await stage.applyService(spec, 'create', 'web');
      const [one] = await stage.settled('web', 1);
      expect(one && (await stage.get(one, '/file?key=tls&target=/run/tls')).body).toBe('hi');
    } finally {
      await stage.strike();
      await config.remove();
      await stage.until('the network to go', async () => ({
        done: await network.remove().then(
          () => true,
          () => false,
        ),
        value: true,
        seen: null,
      }));
    }
  });

  test('a probe image that cannot be had is named, with the reason', async ({ stage }) => {
    const engine = openEngine(socketPath, { probeImage: '127.0.0.1:9/slipway/nothing:1' });
    await stage.create(stage.spec([web(stage)]));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    await expect(engine.connect(stage.name, one, null, stage.signal)).rejects.toMatchObject({
      code: 'engine.refused',
      message: expect.stringMatching(/127\.0\.0\.1:9\/slipway\/nothing:1.*(refused|127\.0\.0\.1:9)/),
    });
    await engine.close();
  });

  test.skipIf(!there?.registry)(
    'nodes pull from a registry with a password, and say so where it is wrong',
    async () => {
      const registry = await guardedRegistry(there?.registry ?? '', 'ann:right');
      const address = `127.0.0.1:${registry.port}`;
      const pinned = `${address}/library/busybox@${await digestOf(there?.registry ?? '', 'library/busybox', '1.36')}`;
      const service = (name: string): ServiceSpec => ({
        ...plainService(name, { health: null }),
        artifact: { kind: 'image', reference: `${address}/library/busybox:1.36`, pinned, commit: null },
        command: ['sleep', '1000'],
        process: { ...plainService(name).process, init: true },
      });
      const withPassword = (password: string) =>
        new Stage({
          ...base,
          engine: openEngine(socketPath, {
            registryAuth: () => ({ username: 'ann', password, serveraddress: address }),
          }),
        });
      const [wrong, right] = [withPassword('wrong'), withPassword('right')];
      try {
        await wrong.create(wrong.spec([service('web')]));
        const refused = await wrong.some('web', 'refused', (one) => one.failures.length > 0 || one.message !== null);
        expect(refused.state).not.toBe('running');
        await right.create(right.spec([service('web')]));
        const [one] = await right.settled('web', 1);
        expect(one?.artifact).toBe(pinned);
      } finally {
        await wrong.strike();
        await right.strike();
        await docker
          .getImage(pinned)
          .remove({ force: true })
          .catch(() => undefined);
        registry.close();
      }
    },
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function digestOf(registry: string, name: string, tag: string): Promise<string> {
  const accept = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';
  const answer = await fetch(`http://${registry}/v2/${name}/manifests/${tag}`, { headers: { accept } });
  return answer.headers.get('docker-content-digest') ?? '';
}
