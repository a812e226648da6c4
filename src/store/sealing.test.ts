import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive, keyOf, loadKey, seal, unseal } from './sealing.ts';

const key = keyOf(Buffer.alloc(32, 1));
const other = keyOf(Buffer.alloc(32, 2));

test('what is sealed opens again in its place, and never looks like itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { maxLength: 4 }), (text, place) => {
      const sealed = seal(key, place, text);
      expect(unseal(key, place, sealed)).toBe(text);
      if (text.length > 3) expect(sealed.includes(Buffer.from(text))).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test('the same text sealed twice differs', () => {
  expect(seal(key, ['a'], 'same').equals(seal(key, ['a'], 'same'))).toBe(false);
});

test('another key is named as the wrong key', () => {
  const sealed = seal(other, ['variables', 'shop', 'prod', 'TOKEN'], 'x');
  expect(() => unseal(key, ['variables', 'shop', 'prod', 'TOKEN'], sealed)).toThrow(
    expect.objectContaining({
      code: 'secret.wrong_key',
      message: expect.stringContaining('variables/shop/prod/TOKEN'),
    }),
  );
});

test('a value of another row does not open', () => {
  const sealed = seal(key, ['variables', 'shop', 'prod', 'A'], 'x');
  expect(() => unseal(key, ['variables', 'shop', 'prod', 'B'], sealed)).toThrow(
    expect.objectContaining({ code: 'data.damaged' }),
  );
});

test('parts of a place cannot slide into one another', () => {
  expect(() => unseal(key, ['a', 'bc'], seal(key, ['ab', 'c'], 'x'))).toThrow();
});

test('a change of any one byte is noticed', () => {
  const sealed = seal(key, ['a'], 'hello');
  for (let index = 0; index < sealed.length; index += 1) {
    const bad = Buffer.from(sealed);
    bad.writeUInt8(bad.readUInt8(index) ^ 1, index);
    expect(() => unseal(key, ['a'], bad)).toThrow();
  }
  expect(() => unseal(key, ['a'], sealed.subarray(0, 20))).toThrow(expect.objectContaining({ code: 'data.damaged' }));
});

test('derived keys differ by purpose and by key, and stay the same', () => {
  expect(derive(key, 'versions')).toEqual(derive(key, 'versions'));
  expect(derive(key, 'versions')).not.toEqual(derive(key, 'other'));
  expect(derive(key, 'versions')).not.toEqual(derive(other, 'versions'));
});

test('a key file is made once, readable by its owner only, also by several at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-key-'));
  try {
    const keys = await Promise.all([loadKey(folder), loadKey(folder), loadKey(folder), loadKey(folder)]);
    for (const each of keys) expect(each.bytes.equals((await loadKey(folder)).bytes)).toBe(true);
    expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['secret.key']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a key file that holds no key is not replaced by a new one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-key-'));
  try {
    await writeFile(join(folder, 'secret.key'), '');
    await expect(loadKey(folder)).rejects.toMatchObject({ code: 'data.damaged' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
