import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProject } from './parse.ts';
import { stackNameOf } from './stack-template.ts';
import { skipMarker, triggersOf } from './triggers.ts';

const config = parseProject(
  `
project: shop
stack: "{project}-{level}-{environment}"
values: { level: a }
environments:
  dev: { deployOn: { branch: master } }
  staging: { deployOn: { branch: [stable, "release/*"] }, values: { level: b } }
  production: { deployOn: { tag: "release-*" } }
  lab: {}
`,
  'slipway.yaml',
  'shop',
);

test.each([
  ['refs/heads/master', ['dev']],
  ['refs/heads/stable', ['staging']],
  ['refs/heads/release/1', ['staging']],
  ['refs/heads/release/1/x', []],
  ['refs/tags/release-1', ['production']],
  ['refs/heads/release-1', []],
  ['refs/tags/master', []],
  ['refs/notes/commits', []],
  ['refs/heads/feature', []],
])('%s deploys to %j', (ref, expected) => {
  const found = triggersOf(config, ref).filter((one) => one.deploys);
  expect(found.map((one) => one.environment)).toEqual(expected);
});

test('each environment gives its reason', () => {
  expect(triggersOf(config, 'refs/heads/release/1').map((one) => `${one.environment}: ${one.why}`)).toEqual([
    "dev: branch 'release/1' is not 'master'",
    "staging: branch 'release/1' matches 'release/*'",
    "production: 'release/1' is a branch, and it deploys on tags ('release-*') only",
    'lab: it has no `deployOn`: only `slipway deploy` deploys there',
  ]);
});

test('a branch never deploys where only tags do, whatever its name', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      const production = triggersOf(config, `refs/heads/${name}`).find((one) => one.environment === 'production');
      expect(production?.deploys).toBe(false);
    }),
  );
});

const [dev, staging] = config.environments;
test('a stack is named by the template, values of the environment first', () => {
  expect(dev && stackNameOf(config, dev, null)).toBe('shop-a-dev');
  expect(staging && stackNameOf(config, staging, null)).toBe('shop-b-staging');
  expect(dev && stackNameOf({ ...config, stack: '{project}-{sha}' }, dev, '0123456789abcdef')).toBe('shop-0123456');
});

test.each([
  ['{deployLevel}', /gives no value/],
  ['{project}-{sha}', /there is no commit/],
  ['{project}-{project}-{project}-{project}-{project}-{project}-{project}', /is not 1-32 of a-z/],
  ['{project}_x', /is not 1-32 of a-z/],
])('the template %s is refused with the reason', (stack, why) => {
  expect(() => dev && stackNameOf({ ...config, stack }, dev, null)).toThrow(why);
});

test.each([
  ['fix [skip ci]', '[skip ci]'],
  ['fix [ci skip] it', '[ci skip]'],
  ['[no ci] x', '[no ci]'],
  ['x [slipway skip]', '[slipway skip]'],
  ['x\n\nskip-checks: true', 'skip-checks: true'],
  ['skip ci', null],
  ['about skip-checks: true things', null],
])('%j asks for no build: %s', (message, marker) => expect(skipMarker(message)).toBe(marker));
