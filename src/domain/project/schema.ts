import { z } from 'zod';
import { durationMs } from './values.ts';

const name = (what: string) =>
  z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: `is no ${what}: 1-63 of a-z, 0-9, '.', '_', '-'` });
const texts = z.union([z.string(), z.array(z.string())]);
/** Values are text wherever they end up; `0001` and `true` need quotes only where YAML would change them. */
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const kept = z.record(z.string(), z.unknown());

const deployOn = z.strictObject({
  branch: texts.optional().describe('Branches that deploy here: a name or globs, as in release/*'),
  tag: texts.optional().describe('Tags that deploy here: a name or globs, as in release-*'),
});

const deploy = z.strictObject({
  deadline: durationMs.optional().describe('A rollout that is not done by then has failed'),
  stability: durationMs.optional().describe('How long every instance must stay well before a rollout is done'),
  failures: z.int().min(1).optional().describe('So many failed starts of one instance fail the rollout at once'),
});

const environment = z.strictObject({
  deployOn: deployOn.optional().describe('What is pushed here deploys; without it only `slipway deploy` does'),
  cluster: z.string().optional().describe('Where it runs; without it the default cluster'),
  clusters: z.array(z.string()).min(1).optional().describe('Several clusters, the first one first'),
  deployLevel: z.string().optional().describe('{deployLevel} in the name of the stack'),
  values: values.optional().describe('Values of this environment, over those of the project'),
  registry: z.string().optional().describe('Where its images are pushed, over that of the project'),
  deploy: deploy.optional(),
  protect: kept.optional(),
  strategy: z.string().optional(),
  dns: kept.optional(),
});

/** slipway.yaml, as a user writes it. Source: design.md, 'The files a user writes'. */
export const projectSchema = z
  .strictObject({
    project: name('project name').optional(),
    compose: texts.optional().describe('The Compose file, or several that are merged as Compose merges'),
    stack: z.string().optional().describe('Name of a stack, default "{project}-{environment}"'),
    values: values.optional().describe('What {name} stands for in `stack`'),
    tags: values.optional(),
    environments: z.record(name('environment name'), environment.nullable()).optional(),
    notify: z.array(z.strictObject({ on: z.array(z.string()).min(1), to: z.string() })).optional(),
    registry: z.string().optional().describe('Where images are pushed: registry.example.com/team'),
  })
  .meta({ title: 'slipway.yaml' });

export type ProjectFile = z.output<typeof projectSchema>;
export type EnvironmentFile = NonNullable<NonNullable<ProjectFile['environments']>[string]>;
