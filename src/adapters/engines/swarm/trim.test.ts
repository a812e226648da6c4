import { expect, test } from 'vitest';
import { type Service, service, type Task, task } from './shapes.ts';
import { hasSurplus } from './trim.ts';

const live = (more: object = {}, mode: object = { Replicated: { Replicas: 2 } }): Service =>
  service.parse({
    ID: 's1',
    Version: { Index: 1 },
    Spec: { Name: 'shop_web', Mode: mode, TaskTemplate: { ContainerSpec: { Image: 'a' } } },
    ...more,
  });
const made = (id: string, desired: string, more: Record<string, unknown> = {}): Task =>
  task.parse({
    ID: id,
    CreatedAt: '2026-11-21T10:00:00Z',
    ServiceID: 's1',
    Slot: 1,
    NodeID: 'n1',
    Spec: { ContainerSpec: { Image: 'a' } },
    DesiredState: desired,
    Status: { Timestamp: '2026-11-21T10:00:01Z', State: 'running' },
    ...more,
  });
const two = [made('a', 'running'), made('b', 'running')];

test('two tasks that Swarm wants to run in one place are one too many', () => {
  expect(hasSurplus(two, live())).toBe(true);
  expect(hasSurplus(two, live({ UpdateStatus: { State: 'completed' } }))).toBe(true);
});

test.each([
  ['one for each place', [made('a', 'running'), made('b', 'running', { Slot: 2 })], live()],
  ['the one before ends', [made('a', 'shutdown'), made('b', 'running')], live()],
  ['a restart waits for its time', [made('a', 'ready'), made('b', 'running')], live()],
  ['an update is under way', two, live({ UpdateStatus: { State: 'updating' } })],
  ['it is of another service', [made('a', 'running', { ServiceID: 's2' }), made('b', 'running')], live()],
  ['it is a job', two, live({}, { ReplicatedJob: {} })],
] as const)('nothing is too many while %s', (_, tasks, of) => expect(hasSurplus(tasks, of)).toBe(false));

test('of a global service each node is a place', () => {
  const at = (id: string, NodeID: string) => made(id, 'running', { Slot: undefined, NodeID });
  const everywhere = live({}, { Global: {} });
  expect(hasSurplus([at('a', 'n1'), at('b', 'n2')], everywhere)).toBe(false);
  expect(hasSurplus([at('a', 'n1'), at('b', 'n1')], everywhere)).toBe(true);
});
