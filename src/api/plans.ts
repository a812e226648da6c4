import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { projectName } from './fields.ts';
import type { ApiParts, App } from './parts.ts';

const thing = z.object({ kind: z.enum(['service', 'network', 'volume', 'config', 'secret']), name: z.string() });
export const fieldChange = z
  .object({
    path: z.string(),
    before: z.unknown().optional().describe('Left out where the field was not there'),
    after: z.unknown().optional().describe('Left out where the field is no more'),
    cause: z.enum(['specification', 'drift']).describe('drift: somebody changed it on the engine'),
  })
  .meta({ id: 'FieldChange' });
const change = thing
  .extend({
    action: z.enum(['create', 'update', 'replace', 'remove']),
    why: z.string(),
    fields: z.array(fieldChange).readonly(),
  })
  .meta({ id: 'Change' });
const finding = z
  .object({
    level: z.enum(['refused', 'differs', 'note']),
    service: z.string().nullable(),
    field: z.string(),
    message: z.string(),
  })
  .meta({ id: 'Finding' });
const planView = z
  .object({
    project: z.string(),
    environment: z.string(),
    commit: z.string(),
    stack: z.string(),
    cluster: z.string(),
    changes: z.array(change).readonly(),
    unchanged: z.array(thing).readonly(),
    findings: z.array(finding).readonly(),
  })
  .meta({ id: 'Plan' });

/** A commit for an environment, in a request. */
export const commitOf = z.object({
  environment: z.string().min(1).max(63),
  commit: z.string().min(1).max(255).describe('A commit id, in full or short, or a branch or tag'),
  pull: z.boolean().default(false).describe('Look others’ image tags up again'),
});

/** Plans: what a deployment would change. */
export function planRoutes(app: App, parts: ApiParts): void {
  app.post(
    '/v1/projects/:project/plan',
    {
      schema: {
        operationId: 'planDeployment',
        summary: 'What deploying a commit to an environment would change, secrets masked; nothing is built or written',
        tags: ['deployments'],
        params: z.object({ project: projectName }),
        body: commitOf,
        response: { 200: planView },
      },
    },
    async ({ params: { project }, body }) => {
      const commit = await resolveCommit(parts, project, body.commit);
      const of = { project, environment: body.environment, commit, pull: body.pull };
      const { stack, cluster, plan } = await parts.workflows.plan(of, AbortSignal.timeout(120_000));
      return { project, environment: body.environment, commit, stack, cluster, ...plan };
    },
  );
}

/** @returns the full id. @throws SlipwayError `not_found` */
export async function resolveCommit(parts: ApiParts, project: string, revision: string): Promise<string> {
  const found = await parts.sources.resolve(project, revision);
  if (found) return found.id;
  throw new SlipwayError('not_found', `project '${project}' has no commit '${revision}'`, 'push it first');
}
