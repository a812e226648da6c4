import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { renderStackYaml } from '#domain/render/stack-yaml.ts';
import { releaseSpec } from '#store/releases.ts';
import { latestStable } from '#store/revisions.ts';
import type { Stack } from '#store/stacks.ts';
import { effectiveVariables } from '#store/variables.ts';
import type { ApiParts, App } from './parts.ts';
import { getStack, stackParams } from './stacks.ts';

const rendered = z
  .object({
    text: z.string().describe('stack.yml'),
    files: z
      .array(z.object({ path: z.string(), base64: z.string() }))
      .readonly()
      .describe('The contents of its configs, relative to stack.yml'),
    needs: z
      .object({
        secrets: z.array(z.string()).readonly(),
        configs: z.array(z.string()).readonly(),
        variables: z.array(z.string()).readonly(),
      })
      .describe('What must be on the swarm, and in the shell, before'),
  })
  .meta({ id: 'RenderedStack' });

/** A stack as plain files, so that nobody is locked in. */
export function stackRenderRoutes(app: App, parts: ApiParts): void {
  app.get(
    '/v1/stacks/:stack/render',
    {
      schema: {
        operationId: 'renderStack',
        summary: 'The stable release of a stack as a stack.yml for `docker stack deploy`; no secret is in it',
        tags: ['stacks'],
        params: stackParams,
        response: { 200: rendered },
      },
    },
    async ({ params }) => render(parts, await getStack(parts, params.stack)),
  );
}

async function render({ store }: ApiParts, { name, project, environment }: Stack) {
  const stable = await store.read((db) => latestStable(db, name));
  if (!stable)
    throw new SlipwayError('conflict', `stack '${name}' has no stable release yet`, 'wait for its first deployment');
  const spec = await store.read((db) => releaseSpec(db, store.key, stable.release));
  const variables = await store.read((db) => effectiveVariables(db, store.key, project, environment));
  const secrets = variables.filter((variable) => variable.secret);
  return renderStackYaml(spec, new Map(secrets.map((variable) => [variable.name, variable.value.reveal()])));
}
