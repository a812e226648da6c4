import swagger from '@fastify/swagger';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type RouteOptions } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { forgetOldKeys } from '#store/idempotency.ts';
import { ensureFirstToken, whoAsks } from './access.ts';
import { buildRoutes } from './builds.ts';
import { channelRoutes } from './channels.ts';
import { clusterRoutes } from './clusters.ts';
import { deploymentRoutes } from './deployments.ts';
import { withNamedShapes } from './document.ts';
import { openFeed } from './event-feed.ts';
import { eventRoutes } from './events.ts';
import { gitRoutes } from './git.ts';
import type { ApiOptions, ApiParts, App } from './parts.ts';
import { planRoutes } from './plans.ts';
import { problemOf, problemSchema } from './problem.ts';
import { projectRoutes } from './projects.ts';
import { registryRoutes } from './registries.ts';
import { releaseRoutes } from './releases.ts';
import { stackExecRoutes } from './stack-exec.ts';
import { stackLogRoutes } from './stack-logs.ts';
import { stackRenderRoutes } from './stack-render.ts';
import { stackRoutes } from './stacks.ts';
import { systemRoutes } from './system.ts';
import { tokenRoutes } from './tokens.ts';
import { variableRoutes } from './variables.ts';

const resources: readonly ((app: App, parts: ApiParts) => void)[] = [
  systemRoutes,
  projectRoutes,
  variableRoutes,
  planRoutes,
  deploymentRoutes,
  stackRoutes,
  stackExecRoutes,
  stackLogRoutes,
  stackRenderRoutes,
  releaseRoutes,
  buildRoutes,
  eventRoutes,
  clusterRoutes,
  registryRoutes,
  channelRoutes,
  tokenRoutes,
];

export interface Api {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the HTTP API. It asks everyone for a token, `/healthz` and `/openapi.json` excepted. */
export async function startApi(options: ApiOptions): Promise<Api> {
  await ensureFirstToken(options.store, options.dataDirectory);
  let address = '';
  const feed = openFeed(options.store.url, options.log);
  const app = await buildApi({ ...options, url: () => address, feed });
  await gitRoutes(app, { ...options, url: () => address });
  address = await app.listen({ host: options.host, port: options.port });
  const forgetting = setInterval(() => forgetKeys(options), 3_600_000).unref();
  return {
    url: address,
    close: async () => {
      clearInterval(forgetting);
      await feed.close();
      await app.close();
    },
  };
}

const forgetKeys = ({ store, log }: ApiOptions): void => {
  store.transaction((tx) => forgetOldKeys(tx)).catch((thrown) => log(`idempotency keys: ${messageOf(thrown)}`));
};

/** Of a body, and of a message. */
const mostBytes = 10 * 1024 * 1024;

/** The API without a socket and without the git remote: the OpenAPI document is made from it. */
export async function buildApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: mostBytes });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const refuse = (thrown: unknown, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(thrown);
    if (problem.status >= 500) parts.log(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
  app.setErrorHandler((thrown, _request, reply) => refuse(thrown, reply));
  app.setNotFoundHandler((request, reply) =>
    refuse(new SlipwayError('not_found', `there is no ${request.method} ${request.url}`, 'see /openapi.json'), reply),
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Slipway', version: '1' },
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: withNamedShapes,
  });
  await app.register(websocket, { options: { maxPayload: mostBytes } });
  app.addHook('onRoute', withProblem);
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(async (scope: App) => {
    scope.decorateRequest('by', '');
    scope.addHook('onRequest', async (request) => {
      request.by = await whoAsks(parts.store, request);
    });
    for (const routes of resources) routes(scope, parts);
  });
  return app;
}

/** Every documented route may answer with problem details. */
function withProblem({ schema }: RouteOptions): void {
  if (schema === undefined || schema.hide === true) return;
  schema.response = {
    ...(schema.response as object | undefined),
    default: {
      description: 'What went wrong, as problem details (RFC 9457)',
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the token that asks. */
    by: string;
  }
}
