import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildKey } from './build-key.ts';
import type { BuildRequest, TreeEntry } from './build-request.ts';
import { inputsOf } from './inputs.ts';

const request: BuildRequest = {
  service: 'web',
  context: 'services/web',
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
};
const entry = (path: string, id = 'a'): TreeEntry => ({ path, mode: '100644', id });
const tree = [
  entry('services/web/main.js'),
  entry('services/web/Dockerfile'),
  entry('services/web/notes.md'),
  entry('services/api/main.js'),
  entry('shared/lib.js'),
  entry('docker/web.Dockerfile'),
];
const inputs = (over: Partial<BuildRequest> = {}, files = tree) => {
  const wanted = { ...request, ...over };
  const context = files
    .map((file) => file.path)
    .filter((path) => path.startsWith('services/web/') && !path.endsWith('.md'));
  return inputsOf({ kind: 'image', request: wanted, tree: files, context }).map((file) => file.path);
};
const keyOf = (over: Partial<BuildRequest> = {}, files: readonly TreeEntry[] = tree) =>
  buildKey({ kind: 'image', request: { ...request, ...over }, files, local: null });

test('a build counts its context, less what is ignored, and nothing of its neighbours', () => {
  expect(inputs()).toEqual(['services/web/main.js', 'services/web/Dockerfile']);
});

test('a Dockerfile outside the context, a further context and watched paths count too', () => {
  expect(inputs({ dockerfile: '../../docker/web.Dockerfile' })).toContain('docker/web.Dockerfile');
  expect(inputs({ contexts: { lib: './shared' } })).toContain('shared/lib.js');
  expect(inputs({ watch: ['services/api/**'] })).toContain('services/api/main.js');
});

test.each([
  ['an argument', { args: { A: '1' } }],
  ['the target', { target: 'prod' }],
  ['the Dockerfile', { dockerfile: 'Dockerfile.prod' }],
  ['the platform', { platform: 'linux/arm64' }],
])('%s makes another key', (_, over) => {
  expect(keyOf(over)).not.toBe(keyOf());
});

test('what does not change the image does not change the key', () => {
  expect(keyOf({ noCache: true, pull: true, cacheFrom: ['x'], labels: { a: 'b' } })).toBe(keyOf());
});

test('the key hangs on each file, its mode too, and not on their order', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(tree, { minLength: tree.length }),
      fc.nat({ max: tree.length - 1 }),
      (shuffled, at) => {
        expect(keyOf({}, shuffled)).toBe(keyOf());
        expect(
          keyOf(
            {},
            shuffled.map((file, index) => (index === at ? { ...file, id: 'b' } : file)),
          ),
        ).not.toBe(keyOf());
        expect(
          keyOf(
            {},
            shuffled.map((file, index) => (index === at ? { ...file, mode: '100755' } : file)),
          ),
        ).not.toBe(keyOf());
      },
    ),
  );
});
