import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bed } from '../../../../test/bed/bed.ts';
import { guardedRegistry } from '../../../../test/support/guarded-registry.ts';
import type { BuildOrder } from '../contract.ts';
import { dockerBuilder } from './docker-builder.ts';
import { imageResolver } from './pin.ts';

/** Registries that want a password, and engines without BuildKit: real ones, behind a small proxy that adds this. */
const here = await bed();
const docker = new Docker({ socketPath: here?.socketPath ?? '/nowhere' });
const base = mkdtempSync(join(tmpdir(), 'slipway-odd-'));
const project = `odd-${base.slice(-6).toLowerCase()}`;
const never = new AbortController().signal;
const servers: Server[] = [];
let said: string[] = [];
let keys = 0;
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(base, { recursive: true, force: true });
  if (!here) return;
  for (const image of await docker.listImages({ filters: { label: [`slipway.project=${project}`] } }))
    await docker.getImage(image.Id).remove({ force: true });
});

/** Sends requests on, all but those that `own` answers. */
function proxy(to: RequestOptions, own: (req: IncomingMessage, res: ServerResponse) => boolean): Server {
  const server = createServer((req, res) => {
    if (own(req, res)) return void req.resume();
    const { url, method = 'GET', headers } = req;
    const onward = request({ ...to, path: url, method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    // a session is more than this passes on
    onward.on('upgrade', () => res.destroy());
    req.pipe(onward);
  });
  servers.push(server);
  return server;
}

function order(dockerfile: string): BuildOrder {
  keys += 1;
  writeFileSync(join(base, 'Dockerfile'), dockerfile);
  const request = {
    service: 'web',
    context: '.',
    dockerfile: 'Dockerfile',
    dockerfileInline: null,
    target: null,
    args: {},
    labels: {},
    cacheFrom: [],
    platform: null,
    noCache: false,
    pull: false,
    extraHosts: [],
    network: null,
    shmBytes: null,
    contexts: {},
    watch: [],
    other: {},
  };
  const key = keys.toString(16).padStart(64, '0').split('').reverse().join('');
  return {
    project,
    build: 'b',
    key,
    commit: 'c'.repeat(40),
    checkout: base,
    files: ['Dockerfile'],
    local: null,
    registry: null,
    request,
  };
}

const output = (line: string) => said.push(line);
const good = { username: 'ann', password: 'right' };

describe.skipIf(!here?.registry)('a registry that wants a password', () => {
  let host = '';
  let guarded: Awaited<ReturnType<typeof guardedRegistry>> | undefined;
  beforeAll(async () => {
    guarded = await guardedRegistry(here?.registry ?? '', 'ann:right');
    host = `127.0.0.1:${guarded.port}`;
  });
  afterAll(() => guarded?.close());
  const withCredentials = (
    all: { host: string; username: string; password: string }[],
    registry: string | null = null,
  ) => dockerBuilder({ docker, registry: registry === null ? null : { prefix: registry }, credentials: () => all });

  test('gives its base images to a build that has the credentials, by BuildKit’s session', async () => {
    const all = [
      { host: '127.0.0.1:9', username: 'x', password: 'y' },
      { host, ...good },
    ];
    const artifact = await withCredentials(all).build(
      order(`FROM ${host}/library/busybox:1.36\nRUN true\n`),
      output,
      never,
    );
    expect(artifact).toMatchObject({ pinned: expect.stringMatching(/^sha256:/) });
    await docker
      .getImage(`${host}/library/busybox:1.36`)
      .remove()
      .catch(() => undefined);
  });

  test('refuses those that have others, and the error says what to do', async () => {
    const all = [{ host: '127.0.0.1:9', ...good }];
    const building = withCredentials(all).build(order(`FROM ${host}/library/alpine:3.20\nRUN true\n`), output, never);
    await expect(building).rejects.toMatchObject({
      code: 'build.failed',
      hint: expect.stringContaining('registry login'),
    });
  });

  test('takes a push with the credentials, and refuses it without', async () => {
    const made = order('FROM busybox:1.36\nRUN echo pushed > /x\n');
    const prefix = `${host}/slipway-test`;
    await expect(withCredentials([], prefix).build(made, output, never)).rejects.toMatchObject({
      code: 'registry.denied',
    });
    await expect(
      withCredentials([{ host, username: 'ann', password: 'wrong' }], prefix).build(made, output, never),
    ).rejects.toMatchObject({
      code: 'registry.denied',
      hint: `slipway registry login ${host}`,
    });
    const artifact = await withCredentials([{ host, ...good }], prefix).build(made, output, never);
    expect(artifact).toMatchObject({ pinned: expect.stringContaining(`${prefix}/${project}/web@sha256:`) });
  });

  test('answers what a tag stands for with the credentials only', async () => {
    const reference = `${host}/library/redis:7`;
    const pinned = await imageResolver({ docker, credentials: () => [{ host, ...good }] }).pin(reference, never);
    expect(pinned).toMatch(/\/library\/redis@sha256:/);
    await expect(imageResolver({ docker, credentials: () => [] }).pin(reference, never)).rejects.toMatchObject({
      code: 'registry.denied',
    });
  });
});

describe.skipIf(!here?.registry)('a registry that gives anyone a token, as Docker Hub does', () => {
  test('gives its base images to a build without credentials', async () => {
    const [hostname = '', port = ''] = (here?.registry ?? '').split(':');
    let asked = 0;
    const server = proxy({ hostname, port }, (req, res) => {
      if (req.url?.startsWith('/token')) {
        asked += 1;
        res.writeHead(200, { 'content-type': 'application/json' }).end('{"token":"anyone"}');
        return true;
      }
      if (req.headers.authorization === 'Bearer anyone') return false;
      const challenge = `Bearer realm="http://${req.headers.host}/token",service="test"`;
      res
        .writeHead(401, { 'www-authenticate': challenge, 'docker-distribution-api-version': 'registry/2.0' })
        .end('{}');
      return true;
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const builder = dockerBuilder({ docker, registry: null, credentials: () => [] });
    const artifact = await builder.build(order(`FROM ${host}/library/busybox:1.36\nRUN true\n`), output, never);
    expect(artifact).toMatchObject({ pinned: expect.stringMatching(/^sha256:/) });
    expect(asked).toBeGreaterThan(0);
    await docker
      .getImage(`${host}/library/busybox:1.36`)
      .remove()
      .catch(() => undefined);
  });
});

describe.skipIf(!here)('an engine', () => {
  async function engine(own: (req: IncomingMessage, res: ServerResponse) => boolean): Promise<string> {
    const socketPath = join(base, `${servers.length}.sock`);
    await once(proxy({ socketPath: here?.socketPath }, own).listen(socketPath), 'listening');
    return socketPath;
  }

  test('without BuildKit builds by its classic builder', async () => {
    const socketPath = await engine((req, res) => {
      if (!req.url?.includes('version=2')) return false;
      res
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"message":"buildkit is not supported by daemon"}');
      return true;
    });
    said = [];
    const builder = dockerBuilder({ socketPath, registry: null, credentials: () => [] });
    const artifact = await builder.build(order('FROM busybox:1.36\nRUN echo classic\n'), output, never);
    expect(artifact).toMatchObject({ pinned: expect.stringMatching(/^sha256:/) });
    expect(said).toEqual(expect.arrayContaining(['Step 2/7 : RUN echo classic', 'classic']));
    await expect(
      builder.build(order('FROM busybox:1.36\nRUN echo oh no && exit 3\n'), output, never),
    ).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(/at RUN echo oh no.*code: 3(?:.*\n)+.*\| oh no/),
    });
  });

  test('that ends in the middle of a build is an error', async () => {
    const socketPath = await engine((req, res) => {
      if (!req.url?.includes('/build')) return false;
      res.writeHead(200).write('{"stream":"Step 1/2 : FROM x\\n"}\n', () => res.destroy());
      return true;
    });
    const builder = dockerBuilder({ socketPath, registry: null, credentials: () => [] });
    await expect(builder.build(order('FROM busybox:1.36\n'), output, never)).rejects.toMatchObject({
      code: 'engine.unreachable',
    });
  });

  test('whose disk is full is an error that says so', async () => {
    const socketPath = await engine((req, res) => {
      if (!req.url?.includes('/build')) return false;
      res.end('{"error":"failed to copy files: write /var/lib/docker/x: no space left on device"}\n');
      return true;
    });
    const builder = dockerBuilder({ socketPath, registry: null, credentials: () => [] });
    await expect(builder.build(order('FROM busybox:1.36\n'), output, never)).rejects.toMatchObject({
      code: 'disk.full',
    });
  });

  test('whose registry does not answer gives its own image after the time-out', async () => {
    const socketPath = await engine((req) => req.url?.includes('/distribution/') ?? false);
    const resolver = imageResolver({ socketPath, credentials: () => [], registryTimeoutMs: 200 });
    expect(await resolver.pin('busybox:1.36', never)).toMatch(/^sha256:|@sha256:/);
    await expect(resolver.pin('no-such-image:9', never)).rejects.toMatchObject({ code: 'registry.unreachable' });
  });
});
