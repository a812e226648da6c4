import { z } from 'zod';
import { isFinal } from '#domain/deployment.ts';
import { getDeployment, listDeployments } from '#store/deployments.ts';
import { buildLines, logQuery, logResponse } from './builds.ts';
import { deploymentDetail, deploymentView, detailOfDeployment, viewOfDeployment } from './deployment-view.ts';
import { idField, projectName } from './fields.ts';
import { idempotencyHeaders, idempotent } from './idempotent.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { commitOf, resolveCommit } from './plans.ts';
import { sendLines, untilClosed } from './streams.ts';

const newDeployment = commitOf.extend({
  ref: z.string().max(255).nullish().describe('The branch or tag that it comes from, for the record'),
});
const filter = pageQuery.extend({
  project: projectName.optional(),
  environment: z.string().optional(),
  stack: z.string().optional(),
});
const one = z.object({ id: idField });
const tags = ['deployments'];

/** Deployments: made, followed, cancelled. */
export function deploymentRoutes(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.post(
    '/v1/projects/:project/deployments',
    {
      schema: {
        operationId: 'createDeployment',
        summary: 'Deploy a commit to an environment; it passes the gate as a push does',
        tags,
        params: z.object({ project: projectName }),
        headers: idempotencyHeaders,
        body: newDeployment,
        response: { 202: deploymentView },
      },
    },
    async (request, reply) => {
      const { project } = request.params;
      const { environment, pull, ref } = request.body;
      const commit = await resolveCommit(parts, project, request.body.commit);
      const asked = idempotent(request, { project, ...request.body });
      const made = await parts.workflows.deploy({ project, environment, commit, pull }, ref ?? null, request.by, asked);
      return reply.status(202).send(viewOfDeployment(made));
    },
  );
  app.get(
    '/v1/deployments',
    {
      schema: {
        operationId: 'listDeployments',
        summary: 'List deployments, newest first',
        tags,
        querystring: filter,
        response: { 200: pageOf(deploymentView) },
      },
    },
    async ({ query }) => {
      const { project, environment, stack } = query;
      const where = {
        ...(project === undefined ? {} : { project }),
        ...(environment === undefined ? {} : { environment }),
        ...(stack === undefined ? {} : { stack }),
      };
      const read = (page: Parameters<typeof listDeployments>[2]) =>
        store.read((db) => listDeployments(db, where, page));
      return readPage(query, read, (row) => row.id, viewOfDeployment);
    },
  );
  oneDeploymentRoutes(app, parts);
}

function oneDeploymentRoutes(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.get(
    '/v1/deployments/:id',
    {
      schema: {
        operationId: 'getDeployment',
        summary: 'A deployment with its build, tests and changes',
        tags,
        params: one,
        response: { 200: deploymentDetail },
      },
    },
    async ({ params: { id } }) => detailOfDeployment(parts, await store.read((db) => getDeployment(db, id))),
  );
  app.post(
    '/v1/deployments/:id/cancel',
    {
      schema: {
        operationId: 'cancelDeployment',
        summary: 'Cancel a deployment; a stack that it has begun to change returns to its stable release',
        tags,
        params: one,
        response: { 202: deploymentView },
      },
    },
    async ({ params: { id } }, reply) => reply.status(202).send(viewOfDeployment(await parts.workflows.cancel(id))),
  );
  app.get(
    '/v1/deployments/:id/log',
    {
      schema: {
        operationId: 'getDeploymentLog',
        summary: "The output of a deployment's build, as lines of JSON",
        tags,
        params: one,
        querystring: logQuery,
        response: { 200: logResponse },
      },
    },
    async ({ params: { id }, query }, reply) => {
      await store.read((db) => getDeployment(db, id));
      sendLines(
        reply,
        buildLines(parts, () => buildIdOf(parts, id), query, untilClosed(reply)),
      );
      return reply;
    },
  );
}

/** `null`: not yet, `undefined`: never. */
async function buildIdOf({ store }: ApiParts, id: number): Promise<number | null | undefined> {
  const { build, status } = await store.read((db) => getDeployment(db, id));
  return build === null && isFinal(status) ? undefined : build;
}
