import { expect, test } from 'vitest';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import type { Artifact } from '../stack/spec.ts';
import { type Kept, type Made, staleArtifacts } from './retention.ts';

const image = (name: string): Artifact => ({
  kind: 'image',
  reference: `slipway/shop/web:${name}`,
  pinned: `sha256:${name}`,
  commit: 'c',
});
const folder = (key: string): Artifact => ({ kind: 'checkout', key, commit: 'c' });
const made = (artifact: Artifact, createdAt = 0, project = 'shop'): Made => ({ project, artifact, createdAt });
const running = (artifact: Artifact) => stackSpec([serviceSpec('web', { artifact })]);
const kept = (change: Partial<Kept> = {}): Kept => ({ specs: [], busy: new Set(), since: 100, ...change });

test('what no release needs and is old goes', () => {
  const [used, old, young] = [made(image('used')), made(image('old')), made(image('young'), 101)];
  expect(staleArtifacts([used, old, young], kept({ specs: [running(image('used'))] }))).toEqual([old]);
});

test('folders are told apart from images, and from each other by their key', () => {
  const all = [made(folder('a')), made(folder('b')), made(image('a'))];
  expect(staleArtifacts(all, kept({ specs: [running(folder('a'))] }))).toEqual(all.slice(1));
});

test('while something of a project is deployed, nothing of it goes', () => {
  const all = [made(image('a')), made(image('b'), 0, 'blog')];
  expect(staleArtifacts(all, kept({ busy: new Set(['shop']) }))).toEqual(all.slice(1));
});

test('what two projects have made of the same inputs stays while one of them needs it', () => {
  const all = [made(folder('same')), made(folder('same'), 101, 'blog')];
  expect(staleArtifacts(all, kept())).toEqual([]);
});
