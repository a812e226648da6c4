import { expect, test } from 'vitest';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import { commitOf, resolveArtifacts } from './artifacts.ts';
import type { Artifact } from './spec.ts';

const built: Artifact = { kind: 'image', reference: 'shop/web:1', pinned: 'sha256:2', commit: 'c0ffee' };
const others: Artifact = { kind: 'image', reference: 'postgres:16', pinned: 'sha256:3', commit: null };
const spec = stackSpec([
  serviceSpec('web', { artifact: { kind: 'unbuilt', key: 'k' }, environment: { Z: '1', A: '2' } }),
  serviceSpec('db', { environment: { Z: '1' } }),
  serviceSpec('cache'),
]);
const resolved = resolveArtifacts(
  spec,
  new Map([
    ['web', built],
    ['db', others],
  ]),
);

test('each named service gets its artifact, and the others stay as they are', () => {
  expect(resolved.services.map((service) => service.artifact)).toEqual([built, others, spec.services[2]?.artifact]);
  expect(resolved.services[2]).toBe(spec.services[2]);
});

test('what Slipway built learns its commit, in an environment that is sorted; others’ images do not', () => {
  expect(Object.entries(resolved.services[0]?.environment ?? {})).toEqual([
    ['A', '2'],
    ['SLIPWAY_COMMIT', 'c0ffee'],
    ['Z', '1'],
  ]);
  expect(resolved.services[1]?.environment).toEqual({ Z: '1' });
});

test('a commit that somebody set himself stays', () => {
  const own = stackSpec([serviceSpec('web', { environment: { SLIPWAY_COMMIT: 'mine' } })]);
  const [web] = resolveArtifacts(own, new Map([['web', built]])).services;
  expect(web?.environment).toEqual({ SLIPWAY_COMMIT: 'mine' });
});

test.each([
  ['an image that was built', built, 'c0ffee'],
  ['others’ image', others, null],
  ['a checkout', { kind: 'checkout', key: 'k', commit: 'beef' }, 'beef'],
  ['what is not built yet', { kind: 'unbuilt', key: 'k' }, null],
  ['nothing', { kind: 'none' }, null],
] as const)('the commit of %s', (_, artifact, commit) => {
  expect(commitOf(artifact)).toBe(commit);
});
