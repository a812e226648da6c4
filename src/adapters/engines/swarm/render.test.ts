import { expect, test } from 'vitest';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { serviceSpec, stackSpec } from '../../../../test/support/specs.ts';
import { type RenderContext, renderService } from './render.ts';

const render = (
  overrides: Partial<ServiceSpec>,
  context: Partial<RenderContext> = {},
  stack: Partial<StackSpec> = {},
) => {
  const service = serviceSpec('web', overrides);
  return renderService(service, {
    stack: stackSpec([service, serviceSpec('api', { expose: [8080] })], stack),
    fileRef: (mount) => ({ id: `id-${mount.file}`, name: `shop-test_${mount.file}_1` }),
    bindSource: () => undefined,
    specHash: 'hmac',
    ipvs: false,
    nodes: 1,
    ...context,
  });
};
const container = (overrides: Partial<ServiceSpec>, stack: Partial<StackSpec> = {}) =>
  render(overrides, {}, stack).TaskTemplate.ContainerSpec;
const plain = serviceSpec('web');
const port = { target: 80, published: [8080, 8080], protocol: 'tcp', mode: null, hostIp: null } as const;
const data = { kind: 'volume', source: 'data', target: '/d', readOnly: false, noCopy: false, subpath: null } as const;
const volume = { key: 'data', external: null, name: null, driver: null, driverOptions: {}, labels: {} };

test('a service is named after its stack and bears the labels that Docker, Portainer and Slipway go by', () => {
  const { Name, Labels } = render({ deployLabels: { team: 'a' } });
  expect([Name, Labels]).toEqual([
    'shop-test_web',
    {
      'com.docker.stack.namespace': 'shop-test',
      'slipway.project': 'shop',
      'slipway.service': 'web',
      'slipway.spec': 'hmac',
      'slipway.stack': 'shop-test',
      team: 'a',
    },
  ]);
});

test('a user cannot take the labels by which Slipway knows its own', () => {
  expect(render({ deployLabels: { 'slipway.stack': 'other' } }).Labels['slipway.stack']).toBe('shop-test');
});

test.each<[string, Partial<ServiceSpec>, object]>([
  ['runs the pinned image', {}, { Image: 'sha256:1' }],
  ['keeps the image’s entrypoint where nothing is said', { entrypoint: null }, {}],
  ['clears the entrypoint with one empty word', { entrypoint: [] }, { Command: [''] }],
  ['passes its command', { command: ['a', 'b c'] }, { Args: ['a', 'b c'] }],
  ['sorts its environment', { environment: { B: '2', A: '' } }, { Env: ['A=', 'B=2'] }],
  ['resolves references', { references: { API: 'http://{service.api}' } }, { Env: ['API=http://api:8080'] }],
  [
    'keeps braces that Swarm would take for a template',
    { environment: { F: '{{.Name}}' } },
    { Env: ['F={{"{{"}}.Name}}'] },
  ],
  ['leaves Swarm’s own placeholders', { environment: { N: '{{.Node.Hostname}}' } }, { Env: ['N={{.Node.Hostname}}'] }],
  ['gives nanoseconds', { process: { ...plain.process, stopGraceMs: 1500 } }, { StopGracePeriod: 1_500_000_000 }],
  ['says init only where it was said', { process: { ...plain.process, init: false } }, { Init: false }],
  [
    'turns hosts round',
    { host: { ...plain.host, extraHosts: ['db:10.0.0.1', 'v6=[::1]'] } },
    { Hosts: ['10.0.0.1 db', '::1 v6'] },
  ],
  [
    'gives shared memory as a tmpfs',
    { resources: { ...plain.resources, shmBytes: 64 } },
    { Mounts: [{ Type: 'tmpfs', Target: '/dev/shm', TmpfsOptions: { SizeBytes: 64 } }] },
  ],
  [
    'mounts a secret',
    { files: [{ file: 'key', kind: 'secret', target: 'key', uid: '0', gid: '0', mode: 0o400 }] },
    {
      Secrets: [
        { File: { Name: 'key', UID: '0', GID: '0', Mode: 0o400 }, SecretID: 'id-key', SecretName: 'shop-test_key_1' },
      ],
    },
  ],
])('a container %s', (_, overrides, expected) => expect(container(overrides)).toMatchObject(expected));

test('a container says nothing of what nobody said', () => {
  expect(Object.keys(container({}) ?? {}).sort()).toEqual(['Image', 'Labels']);
});

test('a volume of the stack has its name and labels on whichever node makes it', () => {
  expect(container({ mounts: [data] }, { volumes: [volume] })).toMatchObject({
    Mounts: [
      {
        Type: 'volume',
        Source: 'shop-test_data',
        Target: '/d',
        VolumeOptions: { Labels: { 'slipway.volume': 'data' } },
      },
    ],
  });
});

test('an external volume gets no labels of ours', () => {
  expect(container({ mounts: [data] }, { volumes: [{ ...volume, external: 'theirs' }] })).toMatchObject({
    Mounts: [{ Type: 'volume', Source: 'theirs', Target: '/d' }],
  });
});

test('a bind of the checkout is refused where it is nowhere on the nodes, and mounted where it is', () => {
  const mounts = [
    { kind: 'bind', source: './x', target: '/x', readOnly: true, propagation: null, create: true },
  ] as const;
  expect(() => render({ mounts })).toThrow(/'.\/x' of the checkout/);
  const found = render({ mounts }, { bindSource: (_, __, source) => `/store/${source.slice(2)}` });
  expect(found.TaskTemplate.ContainerSpec).toMatchObject({
    Mounts: [{ Type: 'bind', Source: '/store/x', ReadOnly: true }],
  });
});

test.each([
  ['unbuilt', { kind: 'unbuilt', key: 'k' }],
  ['not pinned', { kind: 'image', reference: 'nginx:1', pinned: null, commit: null }],
] as const)('an image that is %s is never deployed', (_, artifact) => expect(() => render({ artifact })).toThrow());

test.each<[string, Partial<ServiceSpec>, Partial<RenderContext>, object]>([
  [
    'round robin and host mode where nothing is said',
    { ports: [port] },
    {},
    { Mode: 'dnsrr', Ports: [{ PublishMode: 'host', PublishedPort: 8080, TargetPort: 80 }] },
  ],
  [
    'the same with IPVS, which hides the client',
    { ports: [port] },
    { ipvs: true },
    { Mode: 'dnsrr', Ports: [{ PublishMode: 'host' }] },
  ],
  [
    'the mesh where a host port is for more instances than nodes',
    { ports: [port], mode: { kind: 'replicated', replicas: 2 } },
    { ipvs: true },
    { Mode: 'vip', Ports: [{ PublishMode: 'ingress' }] },
  ],
  [
    'ingress where it was said',
    { ports: [{ ...port, mode: 'ingress' }] },
    {},
    { Mode: 'vip', Ports: [{ PublishMode: 'ingress' }] },
  ],
  ['a virtual address where it was said', { host: { ...plain.host, endpointMode: 'vip' } }, {}, { Mode: 'vip' }],
  [
    'any free port',
    { ports: [{ ...port, published: null }] },
    {},
    { Ports: [{ TargetPort: 80, PublishMode: 'host' }] },
  ],
])('an endpoint is %s', (_, overrides, context, expected) =>
  expect(render(overrides, context).EndpointSpec).toMatchObject(expected),
);

test('a change of ports alone makes a new container specification, so that old instances are told from new ones', () => {
  expect(container({ ports: [port] })).not.toEqual(container({ ports: [{ ...port, published: [8081, 8081] }] }));
});

test.each<[string, Partial<ServiceSpec>, object]>([
  ['starts first', {}, { Order: 'start-first', FailureAction: 'pause' }],
  [
    'stops first for a published host port, whatever was asked',
    { ports: [port], rollout: { ...plain.rollout, order: 'start-first' } },
    { Order: 'stop-first' },
  ],
  ['stops first where it writes to a volume', { mounts: [data] }, { Order: 'stop-first' }],
  [
    'starts first with a volume where it was asked',
    { mounts: [data], rollout: { ...plain.rollout, order: 'start-first' } },
    { Order: 'start-first' },
  ],
  ['pauses once the budget is used up', { mode: { kind: 'replicated', replicas: 4 } }, { MaxFailureRatio: 0.5 }],
])('an update %s', (_, overrides, expected) => expect(render(overrides).UpdateConfig).toMatchObject(expected));

test('a job runs to its end, is not restarted for ending, and has no update policy', () => {
  const job = render({ mode: { kind: 'job', completions: 2 } });
  expect(job.Mode).toEqual({ ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 2 } });
  expect(job.TaskTemplate.RestartPolicy).toMatchObject({ Condition: 'on-failure' });
  expect(job.UpdateConfig).toBeUndefined();
});

test('a service is found under its own name, its container name and its aliases', () => {
  const networks = [{ network: 'back', aliases: ['db', 'web'], driverOptions: {} }];
  const host = { ...plain.host, other: { container_name: 'the-web' } };
  expect(render({ networks, host }).TaskTemplate.Networks).toEqual([
    { Target: 'back', Aliases: ['web', 'the-web', 'db'] },
  ]);
});

test('the node’s own network takes the place of all others', () => {
  const networks = [{ network: 'back', aliases: [], driverOptions: {} }];
  expect(render({ networks, host: { ...plain.host, networkMode: 'host' } }).TaskTemplate.Networks).toEqual([
    { Target: 'host' },
  ]);
});
