import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedSchemas } from './json-schema.ts';
import { notYet } from './not-yet.ts';
import { ProjectFileError, parseProject } from './parse.ts';

const design = `
project: cq
compose: compose.yaml
stack: "{serviceType}-{coin}-{deployLevel}"
values: { serviceType: cq, coin: eth }
tags: { master: production, develop: stage, "*": "dev-{sha}" }
environments:
  dev:        { deployOn: { branch: master }, cluster: local, deployLevel: dev, deploy: { deadline: 10m, failures: 3 } }
  production:
    deployOn: { tag: "release-*" }
    clusters: [swarm-us, swarm-eu]
    deployLevel: prod
    protect: { branch: master, approvals: 1, termination: true }
    strategy: side-by-side
    dns: { public: eth.example.com, private: eth.internal.example.com }
notify:
  - { on: [tests.failed, deployment.succeeded], to: ops-slack }
`;
const parse = (text: string | undefined) => parseProject(text, 'slipway.yaml', 'shop');
const problems = (text: string): readonly string[] => {
  try {
    parse(text);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ProjectFileError)) throw thrown;
    return thrown.message.split('\n');
  }
};

test('every key of the design is kept', () => {
  const config = parse(design);
  expect(config).toMatchObject({
    project: 'cq',
    compose: ['compose.yaml'],
    values: { serviceType: 'cq', coin: 'eth' },
  });
  expect(config.environments).toMatchObject([
    {
      name: 'dev',
      cluster: 'local',
      deployOn: { branches: ['master'], tags: [] },
      deploy: { deadlineMs: 600_000, failures: 3 },
    },
    {
      name: 'production',
      cluster: 'swarm-us',
      moreClusters: ['swarm-eu'],
      deployOn: { branches: [], tags: ['release-*'] },
    },
  ]);
  expect(config.notify).toEqual([{ on: ['tests.failed', 'deployment.succeeded'], to: 'ops-slack' }]);
});

test('what is kept and not acted on yet is said', () => {
  const config = parse(design);
  const fields = config.environments.map((one) => notYet(config, one).map((finding) => finding.field));
  expect(fields[0]).toEqual(['tags']);
  expect(fields[1]).toEqual([
    'tags',
    ...['dns', 'protect', 'strategy', 'clusters'].map((key) => `environments.production.${key}`),
  ]);
});

test.each([
  ['no file', undefined],
  ['an empty one', ''],
  ['one with a name only', 'project: shop'],
])('%s means production, deployed from main or master to the default cluster', (_, text) => {
  expect(parse(text)).toMatchObject({
    project: 'shop',
    stack: '{project}-{environment}',
    environments: [{ name: 'production', cluster: null, deployOn: { branches: ['main', 'master'], tags: [] } }],
  });
});

test.each([
  ['projct: x', "slipway.yaml:1:1: projct: is not a known key (did you mean 'project'?)"],
  [
    'environments:\n  dev:\n    deployOn: { brnch: main }',
    "slipway.yaml:3:17: environments.dev.deployOn.brnch: is not a known key (did you mean 'branch'?)",
  ],
  [
    'environments:\n  dev: { deploy: { deadline: 5 } }',
    'slipway.yaml:2:30: environments.dev.deploy.deadline: is a number, but must be text',
  ],
  [
    'environments:\n  dev: { deploy: { deadline: soon } }',
    'slipway.yaml:2:30: environments.dev.deploy.deadline: is no time: write it as 30s, 5m or 1h30m',
  ],
  ['compose: 5', 'slipway.yaml:1:10: compose: is a number, but must be text or a list'],
  ['notify:\n  - { on: [a] }', 'slipway.yaml:2:5: notify[0].to: is missing'],
  [
    'stack: "{coin}"',
    'slipway.yaml:1:8: stack: {coin} stands for nothing (known: deployLevel, environment, project, sha; add your own under `values`)',
  ],
  ['environments:\n  dev: { deployOn: {} }', 'slipway.yaml:2:8: environments.dev.deployOn: names no branch and no tag'],
  [
    'environments:\n  dev: { cluster: a, clusters: [b] }',
    'slipway.yaml:2:8: environments.dev: has both `cluster` and `clusters` (keep one of them)',
  ],
  ['project: "A B"', "slipway.yaml:1:10: project: is no project name: 1-63 of a-z, 0-9, '.', '_', '-'"],
])('%j is refused with its place', (text, expected) => expect(problems(text)).toEqual([expected]));

test('a text that is no YAML is refused with its place', () =>
  expect(problems('project: [')[0]).toMatch(/^slipway.yaml:1:11: not valid YAML/));

test('every problem is named, not the first alone', () => expect(problems('a: 1\nb: 2')).toHaveLength(2));

test.each(Object.entries(publishedSchemas))('the published %s is up to date (npm run schema)', (file, schema) =>
  expect(readFileSync(new URL(`../../../docs/schema/${file}`, import.meta.url), 'utf8')).toBe(schema()),
);
