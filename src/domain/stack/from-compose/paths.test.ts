import { expect, test } from 'vitest';
import { fromRoot } from './paths.ts';

test.each([
  ['a path below the root is relative to it', '/shop/data', './data'],
  ['the root is a dot', '/shop', '.'],
  ['a path outside stays', '/etc/x', '/etc/x'],
  ['nothing stays nothing, wherever the process stands', '', ''],
  ['what is no absolute path stays', 'tmpfs', 'tmpfs'],
] as const)('%s', (_, path, expected) => expect(fromRoot('/shop', path)).toBe(expected));

test('an empty path is not taken for the folder of the process', () => expect(fromRoot(process.cwd(), '')).toBe(''));
