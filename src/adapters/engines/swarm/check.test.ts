import { expect, test } from 'vitest';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { serviceSpec, stackSpec } from '../../../../test/support/specs.ts';
import { checkStack } from './check.ts';
import type { CheckGround } from './ground.ts';

const plain = serviceSpec('web');
const ground: CheckGround = { ipvs: false, nodes: 1, apiMinor: 41, bindSource: () => undefined };
const find = (overrides: Partial<ServiceSpec>, on: Partial<CheckGround> = {}, stack: Partial<StackSpec> = {}) =>
  checkStack(stackSpec([serviceSpec('web', overrides)], stack), { ...ground, ...on });
const host = (more: Partial<ServiceSpec['host']>) => ({ host: { ...plain.host, ...more } });
const port = { target: 80, published: [8080, 8080], protocol: 'tcp', mode: null, hostIp: null } as const;
const bind = { kind: 'bind', source: './x', target: '/x', readOnly: false, propagation: null, create: true } as const;
const data = { kind: 'volume', source: 'data', target: '/d', readOnly: false, noCopy: false, subpath: null } as const;
const volume = { key: 'data', external: null, name: null, driver: null, driverOptions: {}, labels: {} };
const two = { mode: { kind: 'replicated', replicas: 2 } } as const;

test('a plain service has nothing to be said about', () => expect(find({})).toEqual([]));

test.each<[string, Partial<ServiceSpec>, Partial<CheckGround>, string]>([
  ['privileged', host({ privileged: true }), {}, 'privileged'],
  ['a device', host({ devices: ['/dev/kvm'] }), {}, 'devices'],
  ['a PID mode', host({ pidMode: 'host' }), {}, 'pid'],
  ['an IPC mode', host({ ipcMode: 'host' }), {}, 'ipc'],
  ['another container’s network', host({ networkMode: 'service:api' }), {}, 'network_mode'],
  ['no network at all', host({ networkMode: 'none' }), {}, 'network_mode'],
  ['a link under another name', host({ other: { links: ['db:mysql'] } }), {}, 'links'],
  ['volumes of another container', host({ other: { volumes_from: ['db'] } }), {}, 'volumes_from'],
  ['a port on one address', { ports: [{ ...port, hostIp: '127.0.0.1' }] }, {}, 'ports'],
  ['a range of ports', { ports: [{ ...port, published: [1, 9] }] }, {}, 'ports'],
  ['ingress without IPVS', { ports: [{ ...port, mode: 'ingress' }] }, {}, 'ports'],
  [
    'ingress with dnsrr',
    { ports: [{ ...port, mode: 'ingress' }], ...host({ endpointMode: 'dnsrr' }) },
    { ipvs: true },
    'ports',
  ],
  ['more instances on a host port than nodes', { ports: [port], ...two }, {}, 'ports'],
  ['a file of the checkout', { mounts: [bind] }, {}, 'volumes'],
  [
    'a file of the checkout on several nodes',
    { artifact: { kind: 'unbuilt', key: 'k' }, mounts: [bind] },
    { nodes: 2, bindSource: () => '/x' },
    'volumes',
  ],
  ['a part of a volume', { mounts: [{ ...data, subpath: 'a' }] }, {}, 'volumes'],
  ['no image', { artifact: { kind: 'none' } }, {}, 'image'],
  ['a checkout', { artifact: { kind: 'checkout', key: 'k', commit: 'c' } }, {}, 'image'],
  ['an image without a registry on several nodes', {}, { nodes: 2 }, 'image'],
])('%s is refused', (_, overrides, on, field) => {
  const found = find(overrides, on).filter((one) => one.level === 'refused');
  expect(found.map((one) => [one.service, one.field])).toEqual([['web', field]]);
});

test.each<[string, Partial<ServiceSpec>, Partial<CheckGround>, string]>([
  ['a published host port', { ports: [port] }, {}, 'deploy.update_config.order'],
  ['a security option', host({ securityOptions: ['no-new-privileges:true'] }), {}, 'security_opt'],
  ['a key that Swarm does not have', host({ other: { oom_score_adj: 5 } }), {}, 'oom_score_adj'],
  ['a virtual address without IPVS', host({ endpointMode: 'vip' }), {}, 'deploy.endpoint_mode'],
  ['a log driver that is not read back', { logging: { driver: 'syslog', options: {} } }, {}, 'logging.driver'],
])('%s runs with a difference', (_, overrides, on, field) =>
  expect(find(overrides, on).map((one) => [one.level, one.field])).toEqual([['differs', field]]),
);

test.each<[string, Partial<ServiceSpec>, Partial<CheckGround>]>([
  ['an image that is not built yet', { artifact: { kind: 'unbuilt', key: 'k' } }, { nodes: 3 }],
  [
    'an image by digest on several nodes',
    { artifact: { kind: 'image', reference: 'a', pinned: 'a@sha256:1', commit: null } },
    { nodes: 3 },
  ],
  ['ingress with IPVS', { ports: [{ ...port, mode: 'ingress' }] }, { ipvs: true }],
  ['several instances with any free port', { ports: [{ ...port, published: null }], ...two }, {}],
])('%s is fine', (_, overrides, on) => expect(find(overrides, on)).toEqual([]));

test('what hardly matters is noted, once for each service', () => {
  const other = { container_name: 'w', 'volumes./a.selinux': 'z', 'volumes./b.selinux': 'Z' };
  expect(find(host({ other })).map((one) => [one.level, one.field])).toEqual([
    ['note', 'container_name'],
    ['note', 'volumes'],
  ]);
});

test('a volume without a node of its own differs on several nodes, and not on one', () => {
  const levels = (nodes: number) =>
    find({ artifact: { kind: 'unbuilt', key: 'k' }, mounts: [data] }, { nodes }, { volumes: [volume] }).map(
      (one) => one.level,
    );
  expect([levels(2).includes('differs'), levels(1).includes('differs')]).toEqual([true, false]);
});

test('two services that publish one port are refused', () => {
  const spec = stackSpec([serviceSpec('a', { ports: [port] }), serviceSpec('b', { ports: [port] })]);
  expect(checkStack(spec, ground).filter((one) => one.level === 'refused')).toMatchObject([
    { service: 'b', field: 'ports' },
  ]);
});

test('a secret that is too large is refused without its content', () => {
  const files = [
    { key: 'big', kind: 'secret', external: null, base64: Buffer.alloc(512_000, 'x').toString('base64') },
  ] as const;
  const [found] = find({}, {}, { files });
  expect(found?.level).toBe('refused');
  expect(found?.message.length).toBeLessThan(200);
});
