import { expect, test } from 'vitest';
import { composeFiles, overridesLeftOut } from './compose-files.ts';

const there = (...paths: readonly string[]) => {
  const known = new Set(paths);
  return (path: string) => known.has(path);
};

test.each([
  [[], ['docker-compose.yml', 'compose.yml'], ['compose.yml']],
  [['a.yaml', 'b.yaml'], ['compose.yaml'], ['a.yaml', 'b.yaml']],
  [[], ['readme'], []],
])('of %j with %j there, %j are loaded', (named, files, loaded) => {
  expect(composeFiles(named, there(...files))).toEqual(loaded);
});

test('an override file that nobody names is told, with what to write', () => {
  const exists = there('compose.yaml', 'compose.override.yaml');
  expect(overridesLeftOut(['compose.yaml'], exists)).toEqual([
    expect.objectContaining({
      level: 'note',
      message: expect.stringContaining('compose: [compose.yaml, compose.override.yaml]'),
    }),
  ]);
  expect(overridesLeftOut(['compose.yaml', 'compose.override.yaml'], exists)).toEqual([]);
  expect(overridesLeftOut(['compose.yaml'], there('compose.yaml'))).toEqual([]);
});
