import fc from 'fast-check';
import { expect, test } from 'vitest';
import { affected, type ServiceInputs } from './affected.ts';
import { buildKey } from './build-key.ts';
import type { BuildRequest, TreeEntry } from './build-request.ts';
import { inputsOf, isBelow } from './inputs.ts';

const request = (service: string, overrides: Partial<BuildRequest> = {}): BuildRequest => ({
  service,
  context: service,
  dockerfile: 'Dockerfile',
  dockerfileInline: null,
  target: null,
  args: {},
  labels: {},
  cacheFrom: [],
  platform: null,
  noCache: false,
  pull: false,
  extraHosts: [],
  network: null,
  shmBytes: null,
  contexts: {},
  watch: [],
  other: {},
  ...overrides,
});
const entry = (path: string, id = '1', mode = '100644'): TreeEntry => ({ path, id, mode });
const tree = [entry('a/Dockerfile'), entry('a/main.js'), entry('b/Dockerfile'), entry('b/main.js'), entry('lib/x.js')];

function inputs(build: BuildRequest, files: readonly TreeEntry[]): ServiceInputs {
  const context = files.map((file) => file.path).filter((path) => isBelow(path, build.context));
  const found = inputsOf({ kind: 'image', request: build, tree: files, context });
  return {
    service: build.service,
    key: buildKey({ kind: 'image', request: build, files: found, local: null }),
    files: found,
  };
}
const both = (files: readonly TreeEntry[]) => [
  inputs(request('a'), files),
  inputs(request('b', { watch: ['lib/**'] }), files),
];
const change = (path: string, id: string) => tree.map((one) => (one.path === path ? entry(path, id) : one));

test.each([
  ['a file of one context', change('a/main.js', '2'), ['a: a/main.js changed']],
  ['a watched file', change('lib/x.js', '2'), ['b: lib/x.js changed']],
  ['nothing', tree, []],
  ['a file of nobody', [...tree, entry('README.md')], []],
  ['a new file', [...tree, entry('b/new.js')], ['b: b/new.js changed']],
  ['a file that is gone', tree.filter((one) => one.path !== 'a/main.js'), ['a: a/main.js changed']],
  [
    'a mode',
    tree.map((one) => (one.path === 'a/main.js' ? entry(one.path, one.id, '100755') : one)),
    ['a: a/main.js changed'],
  ],
])('%s changed', (_, after, expected) =>
  expect(affected(both(tree), both(after)).map((one) => `${one.service}: ${one.why}`)).toEqual(expected),
);

test('build arguments and new services are told as such', () => {
  const after = [inputs(request('a', { args: { X: '1' } }), tree), inputs(request('c', { context: 'b' }), tree)];
  expect(affected([inputs(request('a'), tree)], after).map((one) => one.why)).toEqual([
    'build settings changed',
    'first build',
  ]);
});

test('the order in which a tree is listed does not count', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(tree, { minLength: tree.length }), (order) => {
      expect(affected(both(tree), both(order))).toEqual([]);
    }),
  );
});
