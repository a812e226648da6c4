import { expect, test } from 'vitest';
import { parseVolume } from './mounts.ts';

test.each([
  ['/data', 'volume', '', '/data'],
  ['data:/data', 'volume', 'data', '/data'],
  ['a/b:/data', 'volume', 'a/b', '/data'],
  ['./a:/b', 'bind', './a', '/b'],
  ['../a:/b', 'bind', '../a', '/b'],
  ['~/a:/b', 'bind', '~/a', '/b'],
  ['/a:/b', 'bind', '/a', '/b'],
  ['C:\\a:/b', 'bind', 'C:\\a', '/b'],
  ['\\\\host\\share:/b', 'bind', '\\\\host\\share', '/b'],
  ['d:/x', 'volume', '', 'd:/x'],
  ['/x', 'volume', '', '/x'],
])('%s is a %s', (text, type, source, target) => {
  expect(parseVolume(text)).toMatchObject({ type, source, target, readOnly: false });
});

test('options are told apart, and the ones nobody knows are ignored', () => {
  expect(parseVolume('./a:/b:ro,z,rslave,nocopy,cached')).toMatchObject({
    readOnly: true,
    selinux: 'z',
    propagation: 'rslave',
    noCopy: true,
  });
  expect(parseVolume('./a:/b:ro,rw')).toMatchObject({ readOnly: false });
});

test.each(['', ':/data', 'data::ro', 'data:/b:', 'data:/b:ro:z'])("'%s' is no volume", (text) => {
  expect(parseVolume(text)).toBeUndefined();
});
