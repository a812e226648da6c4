import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkoutReader } from './checkout-reader.ts';

const parent = mkdtempSync(join(tmpdir(), 'slipway-reader-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
const root = join(parent, 'checkout');
const secret = join(parent, 'checkout-secret');
mkdirSync(join(root, 'sub/deep'), { recursive: true });
mkdirSync(secret);
writeFileSync(join(secret, 'shadow'), 'secret');
writeFileSync(join(root, 'compose.yaml'), 'services: {}');
writeFileSync(join(root, 'sub/deep/a.env'), 'A=1');
writeFileSync(join(root, 'large'), Buffer.alloc(1024 * 1024 + 1));
for (const [target, link] of [
  ['sub/deep', 'inside'],
  ['../compose.yaml', 'sub/up'],
  ['inside/a.env', 'chain'],
  ['/etc', 'absolute'],
  [join(root, 'compose.yaml'), 'absolute-inside'],
  ['..', 'parent'],
  ['../checkout-secret/shadow', 'neighbour'],
  ['../checkout/compose.yaml', 'out-and-in'],
  ['loop', 'loop'],
  ['nowhere', 'dangling'],
  ['../nowhere', 'dangling-outside'],
] as const)
  symlinkSync(target, join(root, link));
const read = checkoutReader(root);

test.each([
  ['compose.yaml', 'services: {}'],
  ['sub/../compose.yaml', 'services: {}'],
  ['inside/a.env', 'A=1'],
  ['sub/up', 'services: {}'],
  ['chain', 'A=1'],
  ['absent', undefined],
  ['compose.yaml/below-a-file', undefined],
  ['dangling', undefined],
])('%s is read', (path, text) => expect(read(join(root, path))).toBe(text));

test.each([
  '/etc/shadow',
  '/etc/no-such-file',
  `${root}/../checkout-secret/shadow`,
  `${root}-secret/shadow`,
  `${root}/absolute/passwd`,
  `${root}/absolute/no-such-file`,
  `${root}/absolute-inside`,
  `${root}/parent/checkout-secret/shadow`,
  `${root}/neighbour`,
  `${root}/out-and-in`,
  `${root}/dangling-outside`,
  `${root}/compose.yaml\0`,
])('%s is refused as outside the checkout', (path) => {
  expect(() => read(path)).toThrow(expect.objectContaining({ code: 'compose.outside_checkout' }));
});

test.each([
  ['sub', /sub is a folder/],
  ['large', /1048577 bytes/],
  ['loop', /too many symlinks/],
])('%s cannot be read, and the error says why', (path, why) => expect(() => read(join(root, path))).toThrow(why));

test('the error names the symlink that leads out', () => {
  expect(() => read(join(root, 'absolute/passwd'))).toThrow(/absolute\/passwd \(by the symlink absolute\)/);
});
