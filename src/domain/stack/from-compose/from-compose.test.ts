import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadCompose } from '../../compose/load.ts';
import { parseProject } from '../../project/parse.ts';
import { hashOf } from '../hash.ts';
import { type StackDraft, stackFromCompose } from './from-compose.ts';

interface Options {
  readonly root?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly artifacts?: 'image' | 'checkout';
  readonly slipway?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

function draft(compose: string, options: Options = {}): StackDraft {
  const { root = '/srv/checkout', artifacts = 'image', variables = {} } = options;
  const files: Record<string, string | Uint8Array> = { 'compose.yaml': compose, ...options.files };
  const read = (path: string) => files[path.slice(root.length + 1)];
  const text = (path: string) => {
    const found = read(path);
    return found === undefined ? undefined : Buffer.from(found).toString('utf8');
  };
  const project = parseProject(options.slipway, 'slipway.yaml', 'shop');
  const [environment] = project.environments;
  if (!environment) throw new Error('no environment');
  const loaded = loadCompose({
    files: [`${root}/compose.yaml`],
    projectDirectory: root,
    environment: variables,
    projectName: 'shop',
    read: { read: text },
  });
  return stackFromCompose({ project, environment, commit: 'a'.repeat(40), loaded, root, artifacts, read });
}
const service = (lines: string, options: Options = {}) => {
  const found = draft(`services:\n  web:\n    image: nginx\n${lines}`, options).spec.services.find(
    (one) => one.name === 'web',
  );
  if (!found) throw new Error('no web');
  return found;
};

test('the sample has the same hash in every folder, and every file as it stands', () => {
  const at = '../../../../samples/marketplace/compose.yaml';
  const compose = readFileSync(new URL(at, import.meta.url), 'utf8');
  expect(existsSync(new URL(at, import.meta.url))).toBe(true);
  const here = draft(compose);
  const there = draft(compose, { root: '/home/somebody/else/shop' });
  expect(hashOf([there.spec, there.builds])).toBe(hashOf([here.spec, here.builds]));
  expect(JSON.stringify(here)).not.toContain('/srv/checkout');
  expect(here.spec.services.map((one) => one.name)).toEqual([
    'api',
    'cache',
    'db',
    'discovery',
    'messaging',
    'web',
    'worker',
  ]);
  expect(here.builds.map((one) => one.context)).toContain('services/web');
  expect(here.findings.filter((one) => one.level === 'refused')).toEqual([]);
});

test('on the local engine the sample builds a folder for each service, images of others too', () => {
  const compose = readFileSync(new URL('../../../../samples/marketplace/compose.yaml', import.meta.url), 'utf8');
  const { builds, spec } = draft(compose, { artifacts: 'checkout' });
  expect(builds.find((one) => one.service === 'db')?.context).toBe('local/postgres');
  expect(spec.services.every((one) => one.artifact.kind === 'unbuilt')).toBe(true);
});

test('an image with a command of the machine has nothing of the checkout, so no push restarts it', () => {
  const { builds, spec } = draft(
    'services:\n  cache:\n    image: redis\n    x-slipway: { local: { command: [redis-server] } }',
    { artifacts: 'checkout' },
  );
  expect(builds).toEqual([]);
  expect(spec.services[0]?.artifact).toEqual({ kind: 'none' });
});

test('the order of keys and lists without a meaning does not count', () => {
  const lists = {
    cap_add: ['NET_ADMIN', 'SYS_TIME', 'SYS_PTRACE'],
    security_opt: ['a:b', 'c:d'],
    extra_hosts: ['a=1.1.1.1', 'b=2.2.2.2'],
    volumes: ['a:/a', 'b:/b', '/srv:/c'],
  };
  const written = (order: readonly string[], turned: boolean) =>
    JSON.stringify({
      services: {
        web: {
          image: 'x',
          ...Object.fromEntries(
            order.map((key) => [
              key,
              turned ? [...lists[key as keyof typeof lists]].reverse() : lists[key as keyof typeof lists],
            ]),
          ),
        },
      },
      volumes: { a: {}, b: {} },
    });
  const plain = hashOf(draft(written(Object.keys(lists), false)).spec);
  fc.assert(
    fc.property(fc.shuffledSubarray(Object.keys(lists), { minLength: 4 }), fc.boolean(), (order, turned) => {
      expect(hashOf(draft(written(order, turned)).spec)).toBe(plain);
    }),
    { numRuns: 20 },
  );
});

test.each([
  [
    '    ports: ["8080:80"]',
    { ports: [{ target: 80, published: [8080, 8080], protocol: 'tcp', mode: null, hostIp: null }], expose: [80] },
  ],
  ['    ports: [{ target: 80, published: "8080", mode: ingress }]', { ports: [{ mode: 'ingress' }] }],
  ['    ports: [{ target: 80, published: "8080", mode: host }]', { ports: [{ mode: 'host' }] }],
  ['    ports: ["80"]', { ports: [{ published: null }] }],
  ['    ports: ["53:53/udp", "9:9"]\n    expose: ["7-8", "5/udp"]', { expose: [9, 7, 8] }],
  ['    restart: "no"', { restart: { condition: 'none' } }],
  ['    restart: on-failure:3', { restart: { condition: 'on-failure', maxAttempts: 3 } }],
  ['    restart: unless-stopped', { restart: { condition: 'any' } }],
  ['    init: true', { restart: { condition: 'any' }, process: { init: true } }],
  ['    deploy: { mode: global }', { mode: { kind: 'global' } }],
  ['    deploy: { mode: replicated-job, replicas: 2 }', { mode: { kind: 'job', completions: 2 } }],
  ['    scale: 3', { mode: { kind: 'replicated', replicas: 3 } }],
  ['    mem_limit: 64m\n    cpus: 0.5', { resources: { limits: { memoryBytes: 67_108_864, cpus: 0.5 } } }],
  [
    '    shm_size: 1gb\n    ulimits: { nofile: 10 }',
    { resources: { shmBytes: 1_073_741_824, ulimits: { nofile: { soft: 10, hard: 10 } } } },
  ],
  [
    '    healthcheck: { test: "true", interval: 1m30s }',
    { health: { test: ['CMD-SHELL', 'true'], intervalMs: 90_000 } },
  ],
  ['    healthcheck: { disable: true }', { health: { test: ['NONE'] } }],
  ['    healthcheck: { test: "true", start_period: 10m }', { rollout: { deadlineMs: 720_000 } }],
  [
    '    tmpfs: ["/run:size=64m,mode=1777"]',
    { mounts: [{ kind: 'tmpfs', target: '/run', sizeBytes: 67_108_864, mode: 0o1777 }] },
  ],
  ['    volumes: ["./conf:/c:ro"]', { mounts: [{ kind: 'bind', source: './conf', readOnly: true, create: true }] }],
  ['    volumes: ["/srv/x:/c"]', { mounts: [{ kind: 'bind', source: '/srv/x' }] }],
  ['    environment: { A: "1", B: }', { environment: { A: '1' } }],
  ['    command: ""', { command: [] }],
  [
    '    deploy: { update_config: { order: start-first, parallelism: 2, delay: 3s, monitor: 7s } }',
    { rollout: { order: 'start-first', parallelism: 2, delayMs: 3000, stabilityMs: 7000 } },
  ],
  [
    '    x-slipway: { rollout: { stability: 1s, failures: 2 } }',
    { rollout: { stabilityMs: 1000, failureBudget: 2, deadlineMs: 300_000 } },
  ],
  [
    '    x-slipway: { test: /test, info: { path: /i, port: 90, timeout: 3s } }',
    {
      checks: {
        test: { path: '/test', port: null },
        info: { path: '/i', port: 90, timeoutMs: 3000, field: 'result.commitHash,commitHash' },
      },
    },
  ],
  [
    '    expose: ["80"]\n    environment: { U: "http://web" }\n    x-slipway: { environment: { U: "http://{service.web}", P: plain } }',
    { environment: { P: 'plain' }, references: { U: 'http://{service.web}' } },
  ],
  [
    '    container_name: shop-web',
    { networks: [{ network: 'default', aliases: ['shop-web'] }], host: { other: { container_name: 'shop-web' } } },
  ],
  [
    '    memswap_limit: 1g\n    userns_mode: host',
    { host: { other: { memswap_limit: '1073741824', userns_mode: 'host' } } },
  ],
  [
    '    networks: { default: { ipv4_address: 10.0.0.9 } }',
    { host: { other: { 'networks.default.ipv4_address': '10.0.0.9' } } },
  ],
])('%s', (lines, expected) => expect(service(lines)).toMatchObject(expected));

test('a service that others wait for to complete is a job', () => {
  const { spec } = draft(
    'services:\n  web: { image: x, depends_on: { setup: { condition: service_completed_successfully } } }\n  setup: { image: y }',
  );
  expect(spec.services.find((one) => one.name === 'setup')).toMatchObject({
    mode: { kind: 'job', completions: 1 },
    restart: { condition: 'on-failure' },
  });
  expect(spec.services.find((one) => one.name === 'web')?.dependsOn).toEqual([
    { service: 'setup', condition: 'completed', required: true },
  ]);
});

test('links are names on shared networks, volumes_from are mounts', () => {
  const { spec } = draft(
    'services:\n  web: { image: x, links: ["db:database"], volumes_from: ["db:ro"] }\n  db: { image: y, volumes: ["data:/data"] }\nvolumes: { data: {} }',
  );
  expect(spec.services.find((one) => one.name === 'db')?.networks[0]?.aliases).toEqual(['database']);
  expect(spec.services.find((one) => one.name === 'web')?.mounts).toMatchObject([
    { kind: 'volume', source: 'data', readOnly: true },
  ]);
});

test('configs and secrets are by content, bytes as they are, and only those that are used', () => {
  const { spec } = draft(
    'services:\n  web: { image: x, configs: [{ source: a, target: etc/a, mode: 0440 }], secrets: [s, k, e] }\nconfigs: { a: { content: "x=${V}" }, unused: { file: ./missing } }\nsecrets: { s: { environment: V }, k: { file: ./key.bin }, e: { external: true, name: live } }',
    { variables: { V: 'v1' }, files: { 'key.bin': new Uint8Array([0xff, 0x00, 0x80]) } },
  );
  expect(spec.files).toEqual([
    { key: 'a', kind: 'config', external: null, base64: Buffer.from('x=v1').toString('base64') },
    { key: 'e', kind: 'secret', external: 'live', base64: null },
    { key: 'k', kind: 'secret', external: null, base64: '/wCA' },
    { key: 's', kind: 'secret', external: null, base64: Buffer.from('v1').toString('base64') },
  ]);
  expect(spec.services[0]?.files).toMatchObject(
    [
      { file: 'e', target: '/run/secrets/e', mode: 0o444 },
      { file: 'k' },
      { file: 's' },
      { file: 'a', target: '/etc/a', mode: 0o440 },
    ].sort((x, y) => ((x.target ?? `/run/secrets/${x.file}`) < (y.target ?? `/run/secrets/${y.file}`) ? -1 : 1)),
  );
});

test('a name that somebody gave is kept, also the one it would have had; others are named by the stack', () => {
  const { spec } = draft(
    'services: { web: { image: x, networks: [a, b], volumes: ["d:/d", "e:/e"] } }\nnetworks: { a: {}, b: { external: true, name: proxy }, unused: {} }\nvolumes: { d: { name: shop_d }, e: {}, kept: {} }',
  );
  expect(spec.networks).toMatchObject([
    { key: 'a', name: null, external: null },
    { key: 'b', name: null, external: 'proxy' },
  ]);
  expect(spec.networks).toHaveLength(2);
  expect(spec.volumes.map(({ key, name }) => [key, name])).toEqual([
    ['d', 'shop_d'],
    ['e', null],
    ['kept', null],
  ]);
});

test.each([
  ['    volumes: ["../x:/x"]', 'volumes', /leads out of the checkout/],
  ['    volumes: ["~/x:/x"]', 'volumes', /no meaning on a server/],
  ['    volumes: [{ type: image, source: y, target: /x }]', 'volumes', /type 'image'/],
  ['    restart: sometimes', 'restart', /none of no/],
  ['    deploy: { mode: global-job }', 'deploy.mode', /not there yet/],
])('%s is refused with the reason', (lines, field, why) => {
  const { findings } = draft(`services:\n  web:\n    image: nginx\n${lines}`);
  expect(findings.find((one) => one.level === 'refused' && one.field === field)?.message).toMatch(why);
});

test('a volume that is a folder of the checkout is refused, and has no path of this machine in it', () => {
  const { spec, findings } = draft(
    'services: { web: { image: x, volumes: ["d:/d"] } }\nvolumes: { d: { driver_opts: { type: none, o: bind, device: ./data } } }',
  );
  expect(spec.volumes[0]?.driverOptions.device).toBe('./data');
  expect(findings).toMatchObject([{ level: 'refused', field: 'volumes.d' }]);
});

test('a build whose context is outside the checkout is refused', () =>
  expect(() => draft('services: { web: { build: ../other } }')).toThrow(/outside the checkout/));

test.each([
  [
    'x-slipway: { tset: /test }',
    /^\/srv\/checkout\/compose.yaml:4:18: services.web.x-slipway.tset: is not a known key \(did you mean 'test'\?\)/,
  ],
  ['x-slipway: { test: test }', /compose.yaml:4:24: services.web.x-slipway.test: .*a path begins with \//],
  ['x-slipway: { info: { path: /i, prot: 1 } }', /did you mean 'port'/],
  [
    'x-slipway: { environment: { U: "{service.wbe}" } }',
    /compose.yaml:4:36: .*not in the stack \(did you mean 'web'\?\)/,
  ],
  ['x-slipway: { environment: { U: "{service.web.port.99}" } }', /names a port that the service does not declare/],
])('%s is refused with its place', (line, why) =>
  expect(() => draft(`services:\n  web:\n    image: nginx\n    ${line}`)).toThrow(why),
);

test('every mistake of every service is named at once', () =>
  expect(() =>
    draft('services:\n  a: { image: x, x-slipway: { q: 1 } }\n  b: { image: x, x-slipway: { q: 1 } }'),
  ).toThrow(/services\.a[\s\S]*services\.b/));

test('what is kept and not acted on yet is a note', () =>
  expect(draft('services: { web: { image: x, x-slipway: { routes: [{ host: a }] } } }').findings).toMatchObject([
    { level: 'note', field: 'x-slipway.routes' },
  ]));
