import { expect, test } from 'vitest';
import { contextFiles, contextPrefix, ignoreFilesOf, inCheckout } from './context.ts';

const files = [
  '.dockerignore',
  'Dockerfile',
  'README.md',
  'app/a.js',
  'app/node_modules/x/i.js',
  'app2/b.js',
  'docs/keep.md',
  'docs/x.md',
];

test.each([
  ['everything without rules', '.', undefined, files],
  ['what is below the context', 'app', undefined, ['app/a.js', 'app/node_modules/x/i.js']],
  ['what is below ./app/', './app/', undefined, ['app/a.js', 'app/node_modules/x/i.js']],
  ['nothing below a folder that is not there', 'ap', undefined, []],
  ['by rules relative to the context', 'app', 'node_modules\n', ['app/a.js']],
  [
    'at any depth with **',
    '.',
    '**/node_modules\n*.md',
    ['.dockerignore', 'Dockerfile', 'app/a.js', 'app2/b.js', 'docs/keep.md', 'docs/x.md'],
  ],
  [
    'what an exception takes back',
    '.',
    'docs\n!docs/keep.md\napp*',
    ['.dockerignore', 'Dockerfile', 'README.md', 'docs/keep.md'],
  ],
  ['nothing but exceptions', '.', '*\n!app/*.js', ['app/a.js']],
  [
    'by rules with comments, blanks and a byte order mark',
    '.',
    '\ufeffapp\n# docs\n\n app2 \n',
    ['.dockerignore', 'Dockerfile', 'README.md', 'docs/keep.md', 'docs/x.md'],
  ],
  ['by rules with a leading slash', '.', '/app\n/app2/\n/docs', ['.dockerignore', 'Dockerfile', 'README.md']],
] as const)('a context holds %s', (_, context, ignore, expected) => {
  expect(contextFiles(files, context, ignore)).toEqual(expected);
});

test.each([
  [
    'the one of the Dockerfile before the common one',
    '.',
    'a/Dockerfile',
    null,
    ['a/Dockerfile.dockerignore', '.dockerignore'],
  ],
  ['in the context', 'app', '../x.Dockerfile', null, ['x.Dockerfile.dockerignore', 'app/.dockerignore']],
  ['the common one for an inline Dockerfile', './app', 'Dockerfile', 'FROM x', ['app/.dockerignore']],
] as const)('ignore files: %s', (_, context, dockerfile, dockerfileInline, expected) => {
  expect(ignoreFilesOf({ context, dockerfile, dockerfileInline })).toEqual(expected);
});

test('paths of a context are those of the checkout without its prefix', () => {
  expect([contextPrefix('.'), contextPrefix('./a/b/'), inCheckout('a', '../x'), inCheckout('.', './x')]).toEqual([
    '',
    'a/b/',
    'x',
    'x',
  ]);
});
