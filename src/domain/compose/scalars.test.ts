import { expect, test } from 'vitest';
import { resolvePlain } from './scalars.ts';

test.each([
  ['017', 'int', '15'],
  ['0o17', 'int', '15'],
  ['0b11', 'int', '3'],
  ['0xFF', 'int', '255'],
  ['-0x10', 'int', '-16'],
  ['+7', 'int', '7'],
  ['1_000', 'int', '1000'],
  ['18446744073709551615', 'int', '18446744073709551615'],
  ['08', 'float', '8'],
  ['1.10', 'float', '1.1'],
  ['1.0', 'float', '1'],
  ['.5', 'float', '0.5'],
  ['1e6', 'float', '1e+06'],
  ['123456.5', 'float', '123456.5'],
  ['1234567.5', 'float', '1.2345675e+06'],
  ['0.00001', 'float', '1e-05'],
  ['0.0001', 'float', '0.0001'],
  ['-.inf', 'float', '-Inf'],
  ['18446744073709551616', 'float', '1.8446744073709552e+19'],
  ['True', 'bool', 'true'],
  ['~', 'null', ''],
  ['2001-12-14', 'time', '2001-12-14 00:00:00 +0000 UTC'],
  ['2001-12-14T21:59:43.10Z', 'time', '2001-12-14 21:59:43.1 +0000 UTC'],
  ['2001-12-14t21:59:43-05:00', 'time', '2001-12-14 21:59:43 -0500 -0500'],
] as const)('%s is read as Go reads it: %s %s', (source, type, text) => {
  expect(resolvePlain(source)).toEqual([type, text]);
});

test.each([
  'yes',
  'on',
  'NO',
  '1:30',
  '8080:80',
  '1.2.3',
  '2001-13-01',
  '2001-02-30',
  '1e999',
  '0x',
  '-',
  '.',
  'a1',
  '12ab',
])('%s stays text', (source) => {
  expect(resolvePlain(source)).toEqual(['string', source]);
});
