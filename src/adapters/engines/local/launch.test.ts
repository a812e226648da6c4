import { expect, test } from 'vitest';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { fileOf, plainService } from '../conformance/stage.ts';
import { findingsOf } from './check.ts';
import { exactPort, launchOf, portsOf, portVariables, type Surroundings, variableName } from './launch.ts';
import { userNumbers } from './users.ts';

const local: NonNullable<ServiceSpec['local']> = {
  directory: 'services/web',
  install: null,
  command: ['node', 'main.js'],
  health: { http: '/healthz' },
  portVariable: 'PORT',
};
const built = { kind: 'checkout', key: 'k1', commit: 'c1' } as const;
const service = (change: Partial<ServiceSpec> = {}): ServiceSpec =>
  plainService('web', { artifact: built, local, ...change });
const spec = (...services: readonly ServiceSpec[]): StackSpec => ({
  // @ts-expect-error a brand that only parseStackName gives; no rule here looks at it
  name: 'shop-test',
  project: 'shop',
  environment: 'test',
  services,
  networks: [],
  volumes: [],
  files: [fileOf('secret', 'db-key', 'x'), { key: 'theirs', kind: 'config', external: 'theirs', base64: null }],
});
const around: Surroundings = {
  artifactsDirectory: '/artifacts',
  versionKey: new Uint8Array([1]),
  volumeFolder: (key) => `/volumes/${key}`,
  addressOf: (name) => (name === 'api' ? { host: '127.0.0.1', ports: new Map([[8080, 21_000]]) } : undefined),
  userOf: () => null,
};
const launch = (change: Partial<ServiceSpec> = {}) => launchOf(spec(service(change)), service(change), around);

test('a service runs its local command in its folder of the checkout', () => {
  expect(launch()).toMatchObject({
    argv: ['node', 'main.js'],
    directory: '/artifacts/k1/services/web',
    artifact: 'k1',
  });
});

test('what Compose says to run is run where x-slipway.local says nothing', () => {
  const change = { local: null, entrypoint: ['tini', '--'], command: ['node', 'a b'] };
  expect(launch(change)).toMatchObject({ argv: ['tini', '--', 'node', 'a b'], directory: '/artifacts/k1' });
});

test('references become addresses on this machine, beside the plain variables', () => {
  const change = { environment: { LOG: 'debug' }, references: { API: 'http://{service.api}/v1' } };
  expect(launch(change).environment).toEqual({ LOG: 'debug', API: 'http://127.0.0.1:21000/v1' });
});

test('a copy of a config or secret can be read only', () => {
  const files = [{ file: 'db-key', kind: 'secret', target: '/x', uid: '0', gid: '0', mode: 0o666 }] as const;
  expect(launch({ files })).toMatchObject({ files: [{ key: 'db-key', mode: 0o444 }] });
});

test.each([
  ['the path under local', { health: null }, { kind: 'http', path: '/healthz' }],
  [
    'a CMD check of Compose',
    { local: { ...local, health: null }, test: ['CMD', 'pg_isready', '-q'] },
    { kind: 'command', argv: ['pg_isready', '-q'] },
  ],
  [
    'the first port in place of a shell',
    { local: { ...local, health: null }, test: ['CMD-SHELL', 'curl x | grep y'] },
    { kind: 'tcp' },
  ],
] as const)('it is well by %s', (_, change, probe) => {
  const health = 'test' in change ? { ...plainHealth, test: change.test } : null;
  const made = launch({ health, ...('local' in change ? { local: change.local } : {}) });
  expect(made.health?.probe).toEqual(probe);
});

test('a service of which nobody says how to check it is unchecked', () => {
  expect(launch({ health: null, local: { ...local, health: null } }).health).toBeNull();
  expect(launch({ health: { ...plainHealth, test: ['NONE'] }, local: { ...local, health: null } }).health).toBeNull();
});

test('each declared port has a number of its own, which the process learns by variables', () => {
  const ports = [{ target: 9090, published: [80, 80], protocol: 'udp', mode: null, hostIp: null }] as const;
  const made = launch({ expose: [8080, 9000], ports });
  expect(made.ports.map((port) => `${port.target}/${port.protocol}`)).toEqual(['8080/tcp', '9000/tcp', '9090/udp']);
  expect(portVariables(made, { '8080/tcp': 20_001, '9000/tcp': 20_002, '9090/udp': 80 })).toEqual({
    PORT: '20001',
    PORT_8080: '20001',
    PORT_9000: '20002',
    PORT_9090_UDP: '80',
  });
});

test('the first instance has the published port, a range one for each, and what is left gets its own', () => {
  const [one] = portsOf(
    service({ ports: [{ target: 8080, published: [80, 81], protocol: 'tcp', mode: null, hostIp: null }] }),
  );
  if (!one) return expect.unreachable();
  expect([1, 2, 3].map((place) => exactPort(one, place))).toEqual([80, 81, null]);
});

test.each([
  ['my-data.1', 'MY_DATA_1'],
  ['ümlaut', '_MLAUT'],
])('the variable of %s is %s', (key, name) => expect(variableName(key)).toBe(name));

test.each([
  [
    'an image alone',
    { local: null, artifact: { kind: 'image', reference: 'redis', pinned: null, commit: null } },
    'image',
  ],
  ['a privileged service', { host: { ...plainService('x').host, privileged: true } }, 'privileged'],
  ['a service with nothing to run', { local: { ...local, command: null } }, 'command'],
  ['a device', { host: { ...plainService('x').host, devices: ['/dev/kvm'] } }, 'devices'],
  [
    'a config that is somebody elses',
    { files: [{ file: 'theirs', kind: 'config', target: '/x', uid: '0', gid: '0', mode: 0o444 }] },
    'files',
  ],
] as const)('%s is refused, naming the service and the field', (_, change, field) => {
  const refused = findingsOf(spec(service(change as Partial<ServiceSpec>)), true).filter(
    (one) => one.level === 'refused',
  );
  expect(refused.map((one) => [one.service, one.field])).toEqual([['web', field]]);
});

test.each([
  [
    'limits',
    { resources: { ...plainService('x').resources, limits: { cpus: 1, memoryBytes: null, pids: null } } },
    'resources',
  ],
  [
    'a check by a shell',
    {
      health: {
        test: ['CMD-SHELL', 'x'],
        intervalMs: null,
        timeoutMs: null,
        startPeriodMs: null,
        startIntervalMs: null,
        retries: null,
      },
      local: { ...local, health: null },
    },
    'healthcheck',
  ],
  ['start-first', { rollout: { ...plainService('x').rollout, order: 'start-first' } }, 'rollout.order'],
  [
    'a volume',
    { mounts: [{ kind: 'volume', source: 'data', target: '/data', readOnly: false, noCopy: false, subpath: null }] },
    'mounts',
  ],
] as const)('%s runs with a difference that is said', (_, change, field) => {
  const found = findingsOf(spec(service(change as Partial<ServiceSpec>)), true);
  expect(found.filter((one) => one.level === 'refused')).toEqual([]);
  expect(found.map((one) => one.field)).toContain(field);
});

test('a service that runs as it is has no finding but that its name does not resolve', () => {
  expect(findingsOf(spec(service()), true).map((one) => one.field)).toEqual(['networks.names']);
});

test.each([
  ['postgres', { uid: 105, gid: 110 }],
  ['105', { uid: 105, gid: 110 }],
  ['4000', { uid: 4000, gid: 4000 }],
  ['postgres:staff', { uid: 105, gid: 50 }],
  ['1:2', { uid: 1, gid: 2 }],
])('user %s has the numbers of this machine', (text, numbers) => {
  expect(userNumbers(text, 'root:x:0:0::/:/bin/sh\npostgres:x:105:110::/:/bin/sh\n', 'staff:x:50:\n')).toEqual(numbers);
});

test('a user that the machine does not know is refused by name', () => {
  expect(() => userNumbers('nobody-here', '', '')).toThrow("no user 'nobody-here'");
});

const plainHealth = {
  test: [],
  intervalMs: null,
  timeoutMs: null,
  startPeriodMs: null,
  startIntervalMs: null,
  retries: null,
};
