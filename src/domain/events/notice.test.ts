import { expect, test } from 'vitest';
import { matchesRule, noticeOf } from './notice.ts';
import type { EventData, EventType, RecordedEvent } from './types.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const event = <T extends EventType>(type: T, data: EventData<T>, deployment: number | null = 7): RecordedEvent => ({
  seq: 1,
  id: 'e-1',
  type,
  source: '/deployments/7',
  subject: 'shop-prod',
  time: 0,
  project: 'shop',
  deployment,
  data,
});
const moved = (status: 'succeeded' | 'failed' | 'rolled-back' | 'cancelled', reason: string | null = null) =>
  event(`deployment.${status}`, {
    deployment: 7,
    project: 'shop',
    environment: 'production',
    stack: 'shop-prod',
    cluster: 'swarm',
    commit,
    ref: 'refs/heads/main',
    kind: 'push',
    status,
    reason,
    requestedBy: 'ann',
    release: 3,
  });
const tested = { project: 'shop', build: 5, commit, stack: 'shop-t5', durationMs: 10 };

test.each([
  ['a deployment', moved('succeeded'), ['web', 'api'], 'good', 'shop-prod deployed'],
  ['a failure', moved('failed', 'web: exit 3'), ['web'], 'bad', 'shop-prod failed'],
  ['a return', moved('rolled-back', 'web is sick'), ['web'], 'bad', 'shop-prod failed and was rolled back'],
] as const)('%s is told with its services, its commit and where they went', (_, of, services, level, title) => {
  const notice = noticeOf(of, services, null);
  expect(notice).toMatchObject({ id: 'e-1', level, title, link: null });
  expect(notice.lines.slice(0, 2)).toEqual([
    `${services.join(', ')} → production (swarm)`,
    `commit ${commit.slice(0, 12)}`,
  ]);
});

test('the reason of a failure is told line by line, and a deployment that changed nothing names no service', () => {
  expect(noticeOf(moved('failed', 'web: exit 3\n\nlast words'), [], null).lines).toEqual([
    `commit ${commit.slice(0, 12)}`,
    'web: exit 3',
    'last words',
  ]);
});

test('tests are told with their counts, their coverage and, failed, with why', () => {
  const totals = { passed: 4, failed: 0, skipped: 1 };
  const passed = noticeOf(event('tests.passed', { ...tested, totals, coverage: 81.5 }), [], null);
  expect(passed).toMatchObject({ level: 'good', title: 'shop: tests passed' });
  expect(passed.lines).toEqual(['commit 0123456789ab: 4 passed, 0 failed, 1 skipped, 81.5 % of lines covered']);
  const data = { ...tested, totals: { ...totals, failed: 1 }, coverage: null, reason: 'web: adds\napi: no answer' };
  const failed = noticeOf(event('tests.failed', data), [], null);
  expect(failed).toMatchObject({ level: 'bad', title: 'shop: tests failed' });
  expect(failed.lines).toEqual(['commit 0123456789ab: 4 passed, 1 failed, 1 skipped', 'web: adds', 'api: no answer']);
});

test('what has no words of its own is told by its type', () => {
  const removed = { project: 'shop', environment: 'production', stack: 'shop-prod', volumes: false };
  expect(noticeOf(event('stack.removed', removed), [], null)).toMatchObject({
    level: 'info',
    title: 'shop-prod: stack.removed',
    lines: [],
  });
});

test('a notice leads to its deployment where the server has an address, and there is one', () => {
  expect(noticeOf(moved('succeeded'), [], 'https://slipway.example').link).toBe(
    'https://slipway.example/v1/deployments/7',
  );
  const elsewhere = event('engine.unreachable', { cluster: 'swarm', reason: 'gone' }, null);
  expect(noticeOf(elsewhere, [], 'https://slipway.example').link).toBeNull();
});

test.each([
  [['*'], 'tests.failed', true],
  [['tests.*'], 'tests.failed', true],
  [['tests.failed', 'deployment.failed'], 'deployment.failed', true],
  [['tests.*'], 'tests', false],
  [['test.*'], 'tests.failed', false],
  [['deployment.succeeded'], 'deployment.failed', false],
  [[], 'tests.failed', false],
] as const)('the rule %j names %s: %s', (on, type, isNamed) => {
  expect(matchesRule(on, type)).toBe(isNamed);
});
