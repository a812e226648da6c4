import { expect, test } from 'vitest';
import { isStopped, meets, stopConstraint, takesWork } from './constraints.ts';
import { nodes } from './shapes.ts';

const [node] = nodes.parse([
  {
    ID: 'n1',
    Spec: { Role: 'worker', Availability: 'active', Labels: { disk: 'SSD' } },
    Description: {
      Hostname: 'box',
      Platform: { OS: 'linux', Architecture: 'x86_64' },
      Engine: { Labels: { zone: 'north' } },
      Resources: { NanoCPUs: 1, MemoryBytes: 1 },
    },
    Status: { State: 'ready' },
  },
]);
if (node === undefined) throw expect.unreachable();

test.each([
  [[], true],
  [null, true],
  [['node.role == worker'], true],
  [['node.role==Worker'], true],
  [['node.role != manager'], true],
  [['node.role == manager'], false],
  [['node.hostname == box', 'node.id == n1'], true],
  [['node.hostname == box', 'node.id == n2'], false],
  [['node.labels.disk == ssd'], true],
  [['node.labels.gpu == yes'], false],
  // a label that is not there is the empty text, as for Swarm
  [['node.labels.gpu != yes'], true],
  [['engine.labels.zone == north'], true],
  [['node.platform.os == linux', 'node.platform.arch == x86_64'], true],
  [['node.color == red'], false],
  [['node.color != red'], false],
  [['node.role = worker'], false],
  [['nonsense'], false],
])('a node meets %j: %s', (constraints, isMet) => {
  expect(meets(node, constraints)).toBe(isMet);
});

test('only Slipway’s own constraint, which no node meets, says that a service is stopped', () => {
  expect(meets(node, [stopConstraint])).toBe(false);
  expect(isStopped(['node.role == worker', 'node.id == stopped-by-slipway'])).toBe(true);
  expect(isStopped(['node.id == n1'])).toBe(false);
  expect(isStopped(undefined)).toBe(false);
});

test.each([
  ['ready', 'active', true],
  ['down', 'active', false],
  ['ready', 'drain', false],
  ['ready', 'pause', false],
] as const)('a node that is %s and %s takes work: %s', (State, Availability, does) => {
  const other = { ...node, Status: { ...node.Status, State }, Spec: { ...node.Spec, Availability } };
  expect(takesWork(other)).toBe(does);
});
