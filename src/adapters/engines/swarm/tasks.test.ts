import { expect, test } from 'vitest';
import { stopConstraint } from './constraints.ts';
import { node, type Service, service, type Task, task } from './shapes.ts';
import { instancesOf, wantedOf } from './tasks.ts';

const template = { ContainerSpec: { Image: 'a@sha256:1' }, ForceUpdate: 0 };
const vm = node.parse({
  ID: 'n1',
  Spec: { Role: 'manager', Labels: { disk: 'ssd' } },
  Description: { Hostname: 'vm' },
  Status: { State: 'ready', Addr: '10.0.0.5' },
});

const live = (mode: object = { Replicated: { Replicas: 1 } }, more: object = {}): Service =>
  service.parse({
    ID: 's1',
    Version: { Index: 1 },
    Spec: { Name: 'shop_web', Mode: mode, TaskTemplate: { ...template, Runtime: 'container', ...more } },
  });

let clock = 0;
function made(state: string, desired: string, more: Record<string, unknown> = {}, status: object = {}): Task {
  clock += 1;
  return task.parse({
    ID: `t${clock}`,
    CreatedAt: `2026-11-21T10:00:00.${String(clock).padStart(3, '0')}Z`,
    ServiceID: 's1',
    Slot: 1,
    NodeID: 'n1',
    Spec: template,
    DesiredState: desired,
    ...more,
    Status: {
      Timestamp: '2026-11-21T10:00:01Z',
      State: state,
      ContainerStatus: { ContainerID: 'c', ExitCode: 0 },
      ...status,
    },
  });
}

const read = (tasks: readonly Task[], of = live(), isChecked = false) =>
  instancesOf(tasks, {
    name: 'web',
    service: of,
    nodes: new Map([['n1', vm]]),
    artifactOf: () => 'a@sha256:1',
    isChecked: () => isChecked,
  });
const old = { Spec: { ContainerSpec: { Image: 'a@sha256:0' } } };

test.each([
  ['new', 'running', 'pending'],
  ['pending', 'running', 'pending'],
  ['preparing', 'running', 'starting'],
  ['ready', 'ready', 'starting'],
  ['starting', 'running', 'starting'],
  ['running', 'running', 'running'],
] as const)('a task that is %s, wanted %s, is an instance that is %s', (state, desired, expected) =>
  expect(read([made(state, desired)])[0]?.state).toBe(expected),
);

test('a running task with a health check is healthy, one without unchecked, one on its way starting', () => {
  expect(read([made('running', 'running')], live(), true)[0]?.health).toBe('healthy');
  expect(read([made('running', 'running')])[0]?.health).toBe('unchecked');
  expect(read([made('starting', 'running')], live(), true)[0]?.health).toBe('starting');
});

test('the newest task that is wanted stands for its slot, with the failures of the present specification', () => {
  const failed = (err: string, more = {}) => made('failed', 'shutdown', more, { Err: err });
  const [one, ...more] = read([failed('of before', old), failed('first'), failed('second'), made('ready', 'ready')]);
  expect(more).toEqual([]);
  expect(one?.failures.map((failure) => failure.message)).toEqual(['first', 'second']);
  expect(one).toMatchObject({ state: 'starting', current: true });
});

test('an old instance is shown while it runs or stops, and is not current', () => {
  const seen = read([
    made('running', 'running', old),
    made('running', 'shutdown', { ...old, Slot: 2 }),
    made('starting', 'running', { Slot: 2 }),
  ]);
  expect(seen.map((one) => [one.slot, one.state, one.current])).toEqual([
    ['1', 'running', false],
    ['2', 'starting', true],
    ['2', 'stopping', false],
  ]);
});

test('a forced restart makes the instances of before old', () => {
  expect(read([made('running', 'running')], live(undefined, { ForceUpdate: 1 }))[0]?.current).toBe(false);
});

test('a change of placement that the node meets leaves an instance current, one that it does not meet does not', () => {
  const placed = (constraint: string) => live(undefined, { Placement: { Constraints: [constraint] } });
  expect(read([made('running', 'running')], placed('node.labels.disk == ssd'))[0]?.current).toBe(true);
  expect(read([made('running', 'running')], placed('node.labels.disk==tape'))[0]?.current).toBe(false);
});

test('one that failed and is not restarted stays, with its exit code and the engine’s words', () => {
  const status = { Err: 'task: non-zero exit (3)', ContainerStatus: { ContainerID: 'c', ExitCode: 3 } };
  const [one] = read([made('failed', 'shutdown', {}, status)]);
  expect(one).toMatchObject({ state: 'failed', current: true, exitCode: 3, message: 'task: non-zero exit (3)' });
  expect(one?.failures).toHaveLength(1);
});

test('a task that waits says why', () => {
  const err = 'no suitable node (host-mode port already in use on 1 node)';
  expect(read([made('pending', 'running', { NodeID: '' }, { Err: err })])[0]).toMatchObject({
    state: 'pending',
    message: err,
    node: null,
  });
});

test('a service that ends with exit code 0 again and again has failed that often', () => {
  const [one] = read([made('complete', 'shutdown'), made('complete', 'shutdown'), made('ready', 'ready')]);
  expect(one?.failures.map((failure) => failure.message)).toEqual(['ended with exit code 0', 'ended with exit code 0']);
});

test('a job’s instances are those of its present iteration', () => {
  const job = { ...live({ ReplicatedJob: { TotalCompletions: 1 } }), JobStatus: { JobIteration: { Index: 7 } } };
  const seen = read(
    [
      made('complete', 'complete', { JobIteration: { Index: 3 } }),
      made('complete', 'complete', { JobIteration: { Index: 7 } }),
    ],
    job,
  );
  expect(seen.map((one) => [one.state, one.current, one.failures])).toEqual([['completed', true, []]]);
});

test('a host port is told with the node’s address', () => {
  const status = { PortStatus: { Ports: [{ PublishedPort: 8080 }] } };
  expect(read([made('running', 'running', {}, status)])[0]?.published).toEqual(['10.0.0.5:8080']);
});

test('a stopped service wants none, and its task that waits for ever is no instance', () => {
  const stopped = live(undefined, { Placement: { Constraints: [stopConstraint] } });
  expect(wantedOf(stopped, [vm])).toBe(0);
  expect(read([made('pending', 'running', { NodeID: '' }), made('shutdown', 'shutdown')], stopped)).toEqual([]);
});

test('a global service is wanted once a node that takes it, also before it has tasks', () => {
  expect(wantedOf(live({ Global: {} }), [vm])).toBe(1);
  expect(wantedOf(live({ Global: {} }, { Placement: { Constraints: ['node.role!=manager'] } }), [vm])).toBe(0);
});
