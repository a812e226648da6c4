import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { bed } from '../../../../test/bed/bed.ts';
import type { BuildOrder } from '../contract.ts';
import { dockerBuilder } from './docker-builder.ts';
import { imageResolver } from './pin.ts';

const here = await bed();
const docker = new Docker({ socketPath: here?.socketPath ?? '/nowhere' });
const base = mkdtempSync(join(tmpdir(), 'slipway-build-'));
const project = `test-${base.slice(-6).toLowerCase()}`;
const never = new AbortController().signal;
const credentials = () => [];
const builder = dockerBuilder({ docker, registry: null, credentials });
let said: string[] = [];
const output = (line: string) => said.push(line);
let keys = 0;
beforeEach(() => {
  said = [];
});
afterAll(async () => {
  rmSync(base, { recursive: true, force: true });
  if (!here) return;
  for (const image of await docker.listImages({ filters: { label: [`slipway.project=${project}`] } }))
    await docker.getImage(image.Id).remove({ force: true });
});

/** An order for a checkout of these files; every one has a key of its own. */
function order(
  files: Record<string, string>,
  request: Partial<BuildOrder['request']> = {},
  change: Partial<BuildOrder> = {},
): BuildOrder {
  keys += 1;
  const checkout = join(base, `checkout-${keys}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(checkout, path));
    else writeFileSync(join(checkout, path), text);
    if (path.endsWith('.sh')) chmodSync(join(checkout, path), 0o755);
  }
  return {
    project,
    build: 'build-1',
    key: `${keys.toString(16).padStart(4, '0')}${base.slice(-6)}`
      .replace(/[^a-z0-9]/gi, '0')
      .toLowerCase()
      .padEnd(64, '7'),
    commit: 'c'.repeat(40),
    checkout,
    files: Object.keys(files),
    local: null,
    registry: null,
    request: {
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
      ...request,
    },
    ...change,
  };
}

/** What a command prints in a container of the image. */
async function run(image: string, ...command: string[]): Promise<string> {
  const container = await docker.createContainer({ Image: image, Cmd: command, Tty: true });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll('\r', '').trim();
  } finally {
    await container.remove({ force: true });
  }
}

async function failureOf(building: Promise<unknown>): Promise<Error & { code?: string; hint?: string }> {
  return building.then(
    () => new Error('it was built'),
    (error) => error,
  );
}

function imageIn(artifact: Awaited<ReturnType<typeof builder.build>>): { reference: string; pinned: string } {
  if (artifact.kind !== 'image' || artifact.pinned === null) throw new Error('no image');
  return { reference: artifact.reference, pinned: artifact.pinned };
}

describe.skipIf(!here)('an image build', () => {
  test('sends the context as the commit has it, labels the image, tags it by its key and runs by its ID', async () => {
    const made = order(
      {
        Dockerfile:
          'FROM busybox:1.36\nWORKDIR /app\nARG WHO=nobody\nRUN echo "hello $WHO" > who && echo from the build\nCOPY . .\n',
        'run.sh': '#!/bin/sh\necho ran\n',
        'sub/a.txt': 'a',
        link: '-> sub/a.txt',
        outward: '-> /etc/shadow',
        empty: '',
      },
      { args: { WHO: 'ann' }, labels: { mine: 'yes' }, noCache: true },
    );
    const artifact = await builder.build(made, output, never);
    const { reference, pinned } = imageIn(artifact);
    expect(reference).toBe(`slipway/${project}/web:${made.key.slice(0, 12)}`);
    expect(pinned).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(
      await run(pinned, 'sh', '-c', 'cat who; ./run.sh; cat link; readlink outward; stat -c %a run.sh sub/a.txt'),
    ).toBe('hello ann\nran\na/etc/shadow\n755\n644');
    const { Config } = await docker.getImage(pinned).inspect();
    expect(Config.Labels).toMatchObject({
      mine: 'yes',
      'slipway.project': project,
      'slipway.service': 'web',
      'slipway.build': 'build-1',
      'org.opencontainers.image.revision': 'c'.repeat(40),
    });
    expect(said.join('\n')).toMatch(/#\d+ \[\d\/\d\] RUN echo/);
    expect(said.join('\n')).toMatch(/#\d+ from the build/);
    expect(await builder.has(artifact, never)).toBe(true);
  });

  test('of the same key is not made again, and keeps its first commit', async () => {
    const made = order({ Dockerfile: 'FROM busybox:1.36\nRUN date +%N > /now\n' }, { noCache: true });
    const first = await builder.build(made, output, never);
    const again = await builder.build({ ...made, commit: 'd'.repeat(40), build: 'build-2' }, output, never);
    expect(again).toEqual(first);
    const both = await Promise.all(
      [1, 2].map(() =>
        builder.build(order({ Dockerfile: 'FROM busybox:1.36\n' }, {}, { key: 'e'.repeat(64) }), output, never),
      ),
    );
    expect(both[0]).toEqual(both[1]);
  });

  test.each([
    [
      'beside the context',
      { 'docker/web.Dockerfile': 'FROM busybox:1.36\nCOPY . /app\n', 'app/x': '1' },
      { context: 'app', dockerfile: '../docker/web.Dockerfile' },
      ['app/x'],
    ],
    ['written in the Compose file', { x: '1' }, { dockerfileInline: 'FROM busybox:1.36\nCOPY x /app/x\n' }, ['x']],
    ['left out by .dockerignore', { Dockerfile: 'FROM busybox:1.36\nCOPY x /app/x\n', x: '1' }, {}, ['x']],
    [
      'a target of several',
      { Dockerfile: 'FROM busybox:1.36 AS one\nCOPY x /app/x\nFROM one AS two\nRUN rm /app/x\n', x: '1' },
      { target: 'one' },
      ['Dockerfile', 'x'],
    ],
  ])('takes a Dockerfile %s', async (_, files, request, sent) => {
    const made = order(files, request, { files: sent });
    const { pinned } = imageIn(await builder.build(made, output, never));
    expect(await run(pinned, 'cat', '/app/x')).toBe('1');
  });

  test('knows the hosts that the Compose file names for it', async () => {
    const text = 'FROM busybox:1.36\nRUN cat /etc/hosts > /seen\n';
    const extraHosts = ['one.test:127.0.0.2', 'two.test=127.0.0.3'];
    const { pinned } = imageIn(await builder.build(order({ Dockerfile: text }, { extraHosts }), output, never));
    expect(await run(pinned, 'cat', '/seen')).toMatch(/127\.0\.0\.2\s+one\.test\n127\.0\.0\.3\s+two\.test/);
  });

  test('a `# syntax` line whose image cannot be had is done without', async () => {
    const text = '# syntax=docker/dockerfile:1\nFROM busybox:1.36\nRUN --mount=type=cache,target=/c echo cached > /x\n';
    const { pinned } = imageIn(await builder.build(order({ Dockerfile: text }), output, never));
    expect(await run(pinned, 'cat', '/x')).toBe('cached');
  });

  test('without a Dockerfile is an error that names the path, and those that there are', async () => {
    const error = await failureOf(
      builder.build(order({ 'app/x': '', 'app/Dockerfile.prod': '' }, { context: 'app' }), output, never),
    );
    expect(error).toMatchObject({ code: 'build.no_dockerfile', message: expect.stringContaining('app/Dockerfile') });
    expect(error.hint).toContain('app/Dockerfile.prod');
  });

  test.each([['../../outside'], ['link']])(
    'with the Dockerfile %s outside the checkout is refused',
    async (dockerfile) => {
      const made = order({ link: '-> /etc/passwd' }, { dockerfile });
      expect(await failureOf(builder.build(made, output, never))).toMatchObject({ code: 'compose.outside_checkout' });
    },
  );

  test('that fails is an error with the step and its last 20 lines', async () => {
    const text = 'FROM busybox:1.36\nRUN echo before\nRUN for i in $(seq 1 30); do echo "line $i"; done; exit 3\n';
    const error = await failureOf(builder.build(order({ Dockerfile: text }), output, never));
    expect(error).toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(/web failed at .*RUN for i in .*exit code: 3/),
    });
    expect(error.message).toMatch(/\| line 11\n(?:.*\n)*.*\| line 30$/);
    expect(error.message).not.toMatch(/line 10\b|before/);
  });

  test('whose base image nobody has says so', async () => {
    const error = await failureOf(builder.build(order({ Dockerfile: 'FROM no-such-image:9\n' }), output, never));
    expect(error).toMatchObject({ code: 'build.failed', message: expect.stringContaining('no-such-image') });
    expect(error.hint).toBeDefined();
  });

  test('of a Dockerfile that is none says what is wrong with it', async () => {
    const error = await failureOf(builder.build(order({ Dockerfile: 'FORM busybox\n' }), output, never));
    expect(error).toMatchObject({ code: 'build.failed', message: expect.stringMatching(/FORM/i) });
  });

  test('that is aborted ends on the engine too', async () => {
    const abort = new AbortController();
    const text = 'FROM busybox:1.36\nRUN echo started && sleep 8642\n';
    const building = failureOf(builder.build(order({ Dockerfile: text }, { noCache: true }), output, abort.signal));
    await expect.poll(() => said.join('\n'), { timeout: 20_000 }).toMatch(/#\d+ started/);
    abort.abort(new Error('cancelled'));
    expect((await building).message).toBe('cancelled');
    await expect.poll(sleeping, { timeout: 15_000 }).toBe(false);
  });

  test('whose file disappears meanwhile is an error, and leaves the engine working', async () => {
    const made = order({ Dockerfile: 'FROM busybox:1.36\nCOPY . .\n' });
    const error = await failureOf(builder.build({ ...made, files: ['Dockerfile', 'gone'] }, output, never));
    expect(error.message).toMatch(/ENOENT.*gone/);
  });

  test('with credentials still builds: the engine asks for them over a session', async () => {
    const own = dockerBuilder({
      docker,
      registry: null,
      credentials: () => [{ host: 'registry.example.com', username: 'u', password: 'p' }],
    });
    const { pinned } = imageIn(await own.build(order({ Dockerfile: 'FROM busybox:1.36\nRUN true\n' }), output, never));
    expect(pinned).toMatch(/^sha256:/);
  });
});

describe.skipIf(!here)('an image that nothing needs any more', () => {
  test('is removed, and twice is the same as once', async () => {
    const artifact = await builder.build(
      order({ Dockerfile: 'FROM busybox:1.36\nRUN echo gone > /x\n' }),
      output,
      never,
    );
    expect(await builder.has(artifact, never)).toBe(true);
    for (let n = 0; n < 2; n += 1) expect(await builder.remove(artifact, never)).toBe(true);
    expect(await builder.has(artifact, never)).toBe(false);
  });

  test('stays while a container is made of it', async () => {
    const artifact = await builder.build(
      order({ Dockerfile: 'FROM busybox:1.36\nRUN echo used > /x\n' }),
      output,
      never,
    );
    const container = await docker.createContainer({ Image: imageIn(artifact).pinned });
    expect(await builder.remove(artifact, never)).toBe(false);
    expect(await builder.has(artifact, never)).toBe(true);
    await container.remove();
    expect(await builder.remove(artifact, never)).toBe(true);
  });

  test('stays where somebody else made it', async () => {
    const { Id } = await docker.getImage('busybox:1.36').inspect();
    const theirs = { kind: 'image', reference: 'busybox:1.36', pinned: Id, commit: null } as const;
    expect(await builder.remove(theirs, never)).toBe(true);
    expect((await docker.getImage('busybox:1.36').inspect()).Id).toBe(Id);
  });
});

describe.skipIf(!here?.registry)('with a registry', () => {
  const pushing = dockerBuilder({ docker, registry: { prefix: `${here?.registry}/slipway-test` }, credentials });

  test('an image is pushed and pinned to its digest; it is there even when the engine has lost it', async () => {
    const made = order({ Dockerfile: `FROM busybox:1.36\nRUN echo ${project} > /x\n` });
    const artifact = await pushing.build(made, output, never);
    const { reference, pinned } = imageIn(artifact);
    expect(reference).toBe(`${here?.registry}/slipway-test/${project}/web:${made.key.slice(0, 12)}`);
    expect(pinned).toMatch(new RegExp(`^${here?.registry}/slipway-test/${project}/web@sha256:[0-9a-f]{64}$`));
    expect(await pushing.build(made, output, never)).toEqual(artifact);
    await docker.getImage(reference).remove({ force: true });
    await docker
      .getImage(pinned)
      .remove({ force: true })
      .catch(() => undefined);
    expect(await pushing.has(artifact, never)).toBe(true);
    expect(
      await pushing.has({ ...artifact, pinned: pinned.replace(/.{8}$/, '00000000') } as typeof artifact, never),
    ).toBe(false);
  });

  test('a registry that does not answer is an error that names it', async () => {
    const lost = dockerBuilder({ docker, registry: { prefix: '127.0.0.1:1/x' }, credentials });
    const error = await failureOf(lost.build(order({ Dockerfile: 'FROM busybox:1.36\n' }), output, never));
    expect(error).toMatchObject({ code: 'registry.unreachable', message: expect.stringContaining('127.0.0.1:1') });
  });

  const resolver = imageResolver({ docker, credentials });
  test.each(['busybox:1.36', 'docker.io/library/busybox:1.36', `${here?.registry}/library/busybox:1.36`])(
    '%s is pinned to the registry’s digest',
    async (reference) => {
      const pinned = await resolver.pin(reference, never);
      expect(pinned).toMatch(/busybox@sha256:[0-9a-f]{64}$/);
      expect(await resolver.pin(pinned, never)).toBe(pinned);
    },
  );

  test('what no registry has is pinned to the engine’s own image', async () => {
    const { reference, pinned } = imageIn(
      await builder.build(order({ Dockerfile: 'FROM busybox:1.36\nRUN echo own > /x\n' }), output, never),
    );
    expect(await resolver.pin(reference, never)).toBe(pinned);
    expect(await resolver.pin(pinned, never)).toBe(pinned);
    await docker.getImage(pinned).tag({ repo: '127.0.0.1:1/x/own', tag: '1' });
    expect(await resolver.pin('127.0.0.1:1/x/own:1', never)).toBe(pinned);
  });

  test.each([
    ['no-such-image:9', 'image.not_found'],
    [`${here?.registry}/no/such:1`, 'image.not_found'],
    ['127.0.0.1:1/no/such:1', 'registry.unreachable'],
  ])('%s is nowhere: %s', async (reference, code) => {
    expect(await failureOf(resolver.pin(reference, never))).toMatchObject({
      code,
      message: expect.stringContaining(reference),
    });
  });
});

test('an engine that is not there is an error that says so', async () => {
  const nowhere = { socketPath: join(base, 'no.sock'), credentials } as const;
  const lost = dockerBuilder({ ...nowhere, registry: null });
  expect(await failureOf(lost.build(order({ Dockerfile: 'FROM busybox\n' }), output, never))).toMatchObject({
    code: 'engine.unreachable',
  });
  expect(await failureOf(imageResolver(nowhere).pin('busybox', never))).toMatchObject({ code: 'engine.unreachable' });
});

async function sleeping(): Promise<boolean> {
  const { readdirSync, readFileSync } = await import('node:fs');
  return readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === 'sleep\u00008642\u0000';
    } catch {
      return false;
    }
  });
}
