import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { findStack, listStacks, type Stack } from '#store/stacks.ts';
import { deploymentView, viewOfDeployment } from './deployment-view.ts';
import { flag, projectName } from './fields.ts';
import { idempotencyHeaders, idempotent } from './idempotent.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { detailOfStack, stackDetail, stackView, viewOfStack } from './stack-view.ts';

export const stackParams = z.object({ stack: z.string().min(1).max(32) });
const tags = ['stacks'];

/** Stacks: what runs where. */
export function stackRoutes(app: App, parts: ApiParts): void {
  readStacks(app, parts);
  changeStacks(app, parts);
}

function readStacks(app: App, parts: ApiParts): void {
  app.get(
    '/v1/stacks',
    {
      schema: {
        operationId: 'listStacks',
        summary: 'List stacks by name, each with its services and instances as they are now',
        tags,
        querystring: pageQuery.extend({ project: projectName.optional(), environment: z.string().optional() }),
        response: { 200: pageOf(stackView) },
      },
    },
    async ({ query }) => {
      const { project, environment } = query;
      const all = await parts.store.read((db) => listStacks(db, project ?? null));
      const fitting = all.filter((stack) => environment === undefined || stack.environment === environment);
      const { rows, next } = namedPage(query, fitting, (row) => row.name);
      return { items: await Promise.all(rows.map((row) => viewOfStack(parts, row))), next };
    },
  );
  app.get(
    '/v1/stacks/:stack',
    {
      schema: {
        operationId: 'getStack',
        summary: 'A stack with its stable revisions',
        tags,
        params: stackParams,
        response: { 200: stackDetail },
      },
    },
    async ({ params: { stack } }) => detailOfStack(parts, await getStack(parts, stack)),
  );
}

function changeStacks(app: App, parts: ApiParts): void {
  app.post(
    '/v1/stacks/:stack/rollback',
    {
      schema: {
        operationId: 'rollbackStack',
        summary: 'Return a stack to a stable revision: the one before, or `to`',
        tags,
        params: stackParams,
        headers: idempotencyHeaders,
        body: z.object({ to: z.int().min(1).nullish() }).default({}),
        response: { 202: deploymentView },
      },
    },
    async (request, reply) => {
      const { stack } = request.params;
      const asked = idempotent(request, { stack, ...request.body });
      const made = await parts.workflows.rollback(stack, request.body.to ?? null, request.by, asked);
      return reply.status(202).send(viewOfDeployment(made));
    },
  );
  app.delete(
    '/v1/stacks/:stack',
    {
      schema: {
        operationId: 'removeStack',
        summary: 'Remove a stack; its volumes only with `volumes`',
        tags,
        params: stackParams,
        headers: idempotencyHeaders,
        querystring: z.object({ volumes: flag.default(false) }),
        response: { 202: deploymentView },
      },
    },
    async (request, reply) => {
      const { stack } = request.params;
      const { volumes } = request.query;
      const asked = idempotent(request, { stack, volumes });
      const made = await parts.workflows.remove(stack, volumes, request.by, asked);
      return reply.status(202).send(viewOfDeployment(made));
    },
  );
}

/** @throws SlipwayError `not_found` */
export async function getStack({ store }: ApiParts, name: string): Promise<Stack> {
  const found = await store.read((db) => findStack(db, name));
  if (found && found.removedAt === null) return found;
  throw new SlipwayError('not_found', `there is no stack '${name}'`, 'list them with `slipway ps`');
}
