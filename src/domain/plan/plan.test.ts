import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import type { ServiceSpec, StackSpec } from '../stack/spec.ts';
import type { ObservedThing, Plan, RecordedThing, ThingKind } from './change.ts';
import { plan } from './plan.ts';
import { thingsOf } from './things.ts';

const versionKey = new Uint8Array(32);
const fixed: Record<ThingKind, string[]> = {
  service: ['mode.kind'],
  network: ['driver'],
  volume: ['driver'],
  config: [],
  secret: [],
};

/** What an engine and the record hold after `spec` was applied: the engine gives back what it was given. */
function applied(spec: StackSpec): { observed: ObservedThing[]; recorded: RecordedThing[] } {
  const things = thingsOf(spec, versionKey);
  return {
    observed: things.map((thing) => ({ ...thing, id: thing.name, native: { of: thing.spec } })),
    recorded: things.map((thing) => ({ ...thing, native: { of: thing.spec } })),
  };
}
const planned = (desired: StackSpec | null, before: ReturnType<typeof applied>): Plan =>
  plan({ desired, ...before, fixed, versionKey, findings: [] });
const nothing = { observed: [], recorded: [] };
const brief = (result: Plan) =>
  result.changes.map(({ action, kind, name, why }) => `${action} ${kind}/${name}: ${why}`);

const web = serviceSpec('web');
test.each([
  ['is created when it does not run', [web], [], ['create service/web: not running']],
  ['is removed when Compose drops it', [], [web], ['remove service/web: not in the Compose file']],
  ['stays when nothing differs', [web], [web], []],
  [
    'is updated in place when a setting differs',
    [serviceSpec('web', { environment: { LOG: '1' } })],
    [web],
    ['update service/web: settings differ'],
  ],
  [
    'is replaced when a fixed field differs',
    [serviceSpec('web', { mode: { kind: 'global' } })],
    [web],
    ['replace service/web: settings differ'],
  ],
  [
    'is updated for another build',
    [serviceSpec('web', { artifact: { kind: 'unbuilt', key: 'k' } })],
    [web],
    ['update service/web: another build'],
  ],
] as const)('a service %s', (_, desired: readonly ServiceSpec[], before: readonly ServiceSpec[], expected) => {
  expect(brief(planned(stackSpec(desired), applied(stackSpec(before))))).toEqual(expected);
});

test('an update shows each field with before and after', () => {
  const after = stackSpec([serviceSpec('web', { environment: { LOG: 'debug', NEW: '1' } })]);
  const before = applied(stackSpec([serviceSpec('web', { environment: { LOG: 'info' } })]));
  expect(planned(after, before).changes[0]?.fields).toEqual([
    { path: 'environment.LOG', before: 'info', after: 'debug', cause: 'specification' },
    { path: 'environment.NEW', before: undefined, after: '1', cause: 'specification' },
  ]);
});

test('what somebody changed on the engine shows field by field as drift', () => {
  const before = applied(stackSpec([web]));
  const observed = before.observed.map((thing) => ({ ...thing, native: { Env: ['X=1'] } }));
  const recorded = before.recorded.map((thing) => ({ ...thing, native: { Env: ['X=0'] } }));
  const [change] = planned(stackSpec([web]), { observed, recorded }).changes;
  expect(change).toMatchObject({ action: 'update', why: 'changed on the engine by somebody else' });
  expect(change?.fields).toEqual([{ path: 'Env', before: ['X=0'], after: ['X=1'], cause: 'drift' }]);
});

test('a new content of a config is a new config and a change of the service that mounts it', () => {
  const mount = { file: 'app', kind: 'config', target: '/app.conf', uid: '0', gid: '0', mode: 0o444 } as const;
  const spec = (base64: string) =>
    stackSpec([serviceSpec('web', { files: [mount] })], {
      files: [{ key: 'app', kind: 'config', external: null, base64 }],
    });
  const result = planned(spec('Yg=='), applied(spec('YQ==')));
  expect(result.changes.map(({ action, kind }) => `${action} ${kind}`)).toEqual(['create config', 'update service']);
  expect(JSON.stringify(result)).not.toContain('Yg==');
});

test('a volume is never removed or replaced', () => {
  const volume = { key: 'data', external: null, name: null, driver: null, driverOptions: {}, labels: {} };
  const dropped = planned(stackSpec([]), applied(stackSpec([], { volumes: [volume] })));
  expect(dropped.changes).toEqual([]);
  expect(dropped.findings[0]?.message).toContain('kept with its data');
  const changed = planned(
    stackSpec([], { volumes: [{ ...volume, driver: 'nfs' }] }),
    applied(stackSpec([], { volumes: [volume] })),
  );
  expect(changed.changes).toEqual([]);
  expect(changed.findings[0]).toMatchObject({ level: 'refused', field: 'volumes.data' });
});

const services = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    replicas: fc.integer({ min: 1, max: 3 }),
    log: fc.constantFrom('x', 'y'),
    kind: fc.constantFrom('global' as const, 'replicated' as const),
  }),
  { selector: (item) => item.name },
);
const specOf = (
  items: readonly { name: string; replicas: number; log: string; kind: 'global' | 'replicated' }[],
): StackSpec =>
  stackSpec(
    items.map((item) =>
      serviceSpec(item.name, {
        environment: { LOG: item.log },
        mode: item.kind === 'global' ? { kind: 'global' } : { kind: 'replicated', replicas: item.replicas },
      }),
    ),
  );

test('a plan that was applied leaves an empty plan, whatever ran before', () => {
  fc.assert(
    fc.property(services, services, (before, after) => {
      const first = planned(specOf(after), applied(specOf(before)));
      const touched = new Set(first.changes.map((change) => change.name));
      for (const item of after) {
        const old = before.find((other) => other.name === item.name);
        expect(touched.has(item.name)).toBe(
          !old ||
            old.log !== item.log ||
            old.kind !== item.kind ||
            (item.kind === 'replicated' && old.replicas !== item.replicas),
        );
      }
      expect(planned(specOf(after), applied(specOf(after))).changes).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('a plan removes nothing but what was observed, and everything of a stack that is to go', () => {
  fc.assert(
    fc.property(services, (before) => {
      const result = planned(null, applied(specOf(before)));
      expect(result.changes.map((change) => change.name).sort()).toEqual(before.map((item) => item.name).sort());
      expect(planned(null, nothing).changes).toEqual([]);
    }),
  );
});
