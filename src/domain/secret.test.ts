import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { mask, maskDeep, Secret } from './secret.ts';

test('a secret shows dots in strings, JSON and the inspector, and its value only to reveal', () => {
  const secret = new Secret('hunter22');
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect(secret)}`).not.toContain('hunter22');
  expect(secret.reveal()).toBe('hunter22');
});

test('a secret inside a longer text is masked, the longest first', () => {
  expect(mask('postgres://u:hunter22-x@db', ['hunter22', 'hunter22-x'])).toBe('postgres://u:••••••@db');
});

test('a short secret is masked only where it is the whole text', () => {
  expect(mask('port 80', ['80'])).toBe('port 80');
  expect(mask('80', ['80'])).toBe('••••••');
});

test('masking goes through lists and maps', () => {
  expect(maskDeep({ a: ['x hunter22'], n: 1, z: null }, ['hunter22'])).toEqual({ a: ['x ••••••'], n: 1, z: null });
});
