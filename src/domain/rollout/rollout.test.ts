import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instance } from '../stack/instance.ts';
import { type Goal, next, type Rollout, type RolloutEvent, startRollout, toTrim } from './rollout.ts';

const goal: Goal = { service: 'web', kind: 'service', stabilityMs: 5000, failureBudget: 3, artifact: 'sha256:new' };
const instance = (overrides: Partial<Instance> = {}): Instance => ({
  id: 'i1',
  service: 'web',
  slot: '1',
  node: null,
  state: 'running',
  health: 'healthy',
  current: true,
  artifact: 'sha256:new',
  message: null,
  exitCode: null,
  since: 0,
  failures: [],
  published: [],
  ...overrides,
});
const at = (now: number, ...instances: Instance[]): RolloutEvent => ({ now, instances, wanted: { web: 1 } });
const run = (events: RolloutEvent[], goals = [goal]): Rollout =>
  events.reduce<Rollout>((state, event) => next(state, event, goals), startRollout(0, 60_000));

test('a rollout is done when every instance stayed well for the stability window, not before', () => {
  expect(run([at(1000, instance()), at(5999, instance())])).toMatchObject({ at: 'stabilising', since: 1000 });
  expect(run([at(1000, instance()), at(6000, instance())])).toEqual({ at: 'done', unchecked: [] });
});

test('an instance that falls ill starts the window again', () => {
  expect(run([at(1000, instance()), at(3000, instance({ health: 'unhealthy' })), at(6500, instance())])).toMatchObject({
    at: 'stabilising',
    since: 6500,
  });
});

test.each([
  ['an old instance still runs', [instance(), instance({ id: 'i0', current: false })], '1 old instance(s) still run'],
  ['another image runs', [instance({ artifact: 'sha256:old' })], 'runs sha256:old, not sha256:new'],
  ['the engine names a reason', [instance({ state: 'pending', message: 'no suitable node' })], 'no suitable node'],
  ['none is there', [], '0 of 1 ready'],
])('a rollout waits while %s, and says so when its deadline passes', (_, instances, words) => {
  const state = run([at(1000, ...instances)]);
  expect(state.at === 'progressing' && state.waiting[0]).toContain(words);
  const end = run([at(1000, ...instances), at(60_000, ...instances)]);
  expect(end.at === 'failed' && end.failures[0]?.why).toContain(words);
});

test('what runs for some seconds beside instances that are all well is to be trimmed, and nothing else', () => {
  const old = instance({ id: 'i0', current: false });
  const trimmedAt = (...events: RolloutEvent[]) => toTrim(run(events), events.at(-1)?.now ?? 0);
  expect(trimmedAt(at(1000, instance(), old))).toEqual([]);
  expect(trimmedAt(at(1000, instance(), old), at(4999, instance(), old))).toEqual([]);
  expect(trimmedAt(at(1000, instance(), old), at(5000, instance(), old))).toEqual(['web']);
  // the new one is not well yet: the old one has its place
  const starting = instance({ health: 'starting' });
  expect(trimmedAt(at(1000, starting, old), at(5000, starting, old))).toEqual([]);
  expect(trimmedAt(at(1000, instance(), old), at(3000, starting, old), at(5000, instance(), old))).toEqual([]);
  const stopping = instance({ id: 'i0', current: false, state: 'stopping' });
  expect(trimmedAt(at(1000, instance(), stopping), at(5000, instance(), stopping))).toEqual([]);
});

test('a service that failed as often as its budget ends the rollout at once, with the last reason and the instance', () => {
  const failures = [10, 20, 30].map((time) => ({ at: time, message: `exit ${time}` }));
  expect(run([at(40, instance({ state: 'starting', failures }))])).toEqual({
    at: 'failed',
    failures: [{ service: 'web', instance: 'i1', why: 'failed 3 times, last: exit 30' }],
  });
});

test('failures from before the rollout do not count', () => {
  const state = next(
    startRollout(100, 60_000),
    at(200, instance({ failures: [10, 20, 30].map((time) => ({ at: time, message: 'x' })) })),
    [goal],
  );
  expect(state.at).toBe('stabilising');
});

test('a digest with its repository is the same image as the bare digest', () => {
  const pinned = { ...goal, artifact: 'registry/web@sha256:new' };
  expect(run([at(0, instance()), at(5000, instance())], [pinned]).at).toBe('done');
});

test('a service without a check counts as running and is named as unchecked', () => {
  expect(run([at(0, instance({ health: 'unchecked' })), at(5000, instance({ health: 'unchecked' }))])).toEqual({
    at: 'done',
    unchecked: ['web'],
  });
});

test('a job is done when it completed, without a window', () => {
  expect(run([at(0, instance({ state: 'completed' }))], [{ ...goal, kind: 'job' }]).at).toBe('done');
});

test('a rollout that has ended never changes again, and never ends later than its deadline', () => {
  const anyInstance = fc.record({
    state: fc.constantFrom('pending', 'starting', 'running', 'failed'),
    health: fc.constantFrom('healthy', 'unhealthy', 'starting'),
    current: fc.boolean(),
  }) as fc.Arbitrary<Partial<Instance>>;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 70_000 }), fc.array(anyInstance, { maxLength: 3 }))), (steps) => {
      let state: Rollout = startRollout(0, 60_000);
      for (const [now, list] of steps.sort((a, b) => a[0] - b[0])) {
        const before = state;
        state = next(state, at(now, ...list.map((item) => instance(item))), [goal]);
        if (before.at === 'done' || before.at === 'failed') expect(state).toBe(before);
        if (now >= 60_000) expect(state.at).not.toBe('progressing');
      }
    }),
  );
});
