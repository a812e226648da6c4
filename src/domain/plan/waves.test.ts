import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import type { Change } from './change.ts';
import { legs, waves } from './waves.ts';

const change = (name: string, action: Change['action'] = 'create', kind: Change['kind'] = 'service'): Change => ({
  kind,
  name,
  action,
  why: '',
  fields: [],
});
const needs = (service: string, condition: 'started' | 'healthy' | 'completed') => ({
  service,
  condition,
  required: true,
});
const names = (list: ReturnType<typeof waves>) => list.map((wave) => wave.changes.map((item) => item.name));

test('files and networks come first, services behind their dependencies, removals last', () => {
  const desired = stackSpec([
    serviceSpec('db'),
    serviceSpec('api', { dependsOn: [needs('db', 'healthy')] }),
    serviceSpec('web', { dependsOn: [needs('api', 'started')] }),
  ]);
  const list = waves(
    [
      change('web'),
      change('old', 'remove'),
      change('api'),
      change('db'),
      change('net', 'create', 'network'),
      change('gone', 'remove', 'network'),
    ],
    desired,
  );
  expect(names(list)).toEqual([['net'], ['db'], ['api'], ['web'], ['old'], ['gone']]);
  expect(list[2]?.after).toEqual([needs('db', 'healthy')]);
  expect(list[3]?.after).toEqual([]);
});

test('services that do not depend on one another change side by side, and an unchanged dependency holds nobody up', () => {
  const desired = stackSpec([
    serviceSpec('db'),
    serviceSpec('a', { dependsOn: [needs('db', 'healthy')] }),
    serviceSpec('b'),
  ]);
  const list = waves([change('a', 'update'), change('b', 'update')], desired);
  expect(list.flatMap((wave) => wave.after)).toEqual([]);
});

test('every change stands in exactly one wave, after all that it depends on', () => {
  const graph = fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 3 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(graph, (edges) => {
      const specs = edges.map((list, index) =>
        serviceSpec(`s${index}`, {
          dependsOn: list.filter((other) => other < index).map((other) => needs(`s${other}`, 'healthy')),
        }),
      );
      const list = names(
        waves(
          specs.map((spec) => change(spec.name)),
          stackSpec(specs),
        ),
      );
      const at = new Map(list.flatMap((wave, index) => wave.map((name) => [name, index] as const)));
      expect(list.flat().sort()).toEqual(specs.map((spec) => spec.name).sort());
      for (const spec of specs)
        for (const need of spec.dependsOn) expect(at.get(need.service)).toBeLessThan(at.get(spec.name) ?? -1);
    }),
  );
});

test('a leg ends only where something must be healthy first', () => {
  const desired = stackSpec([
    serviceSpec('db'),
    serviceSpec('cache'),
    serviceSpec('api', { dependsOn: [needs('db', 'healthy')] }),
    serviceSpec('web', { dependsOn: [needs('api', 'started')] }),
  ]);
  const changes = [
    ...['db', 'cache', 'api', 'web'].map((name) => change(name)),
    change('net', 'create', 'network'),
    change('old', 'remove'),
  ];
  const list = legs(waves(changes, desired));
  const shown = list.map((leg) => leg.waves.map((wave) => wave.map((item) => item.name)));
  expect(shown).toEqual([
    [['net'], ['db', 'cache']],
    [['api'], ['web'], ['old']],
  ]);
  expect(list.map((leg) => leg.after)).toEqual([[], [needs('db', 'healthy')]]);
  expect(legs([])).toEqual([]);
});
