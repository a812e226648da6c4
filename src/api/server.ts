import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { GitSources } from '#adapters/sources/git/git-sources.ts';
import type { Store } from '#store/database.ts';
import type { Clusters } from '#workflows/context.ts';
import type { Workflows } from '#workflows/workflows.ts';
import { ensureFirstToken, whoAsks } from './access.ts';
import { gitRoutes } from './git.ts';
import { problemOf } from './problem.ts';

export interface ApiOptions {
  readonly store: Store;
  readonly sources: GitSources;
  readonly workflows: Workflows;
  readonly clusters: Clusters;
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly log: (line: string) => void;
}

/** What every route works with. */
export interface ApiParts extends ApiOptions {
  /** Where this server listens, once it does. */
  url(): string;
}

export interface Api {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the HTTP API. It asks everyone for a token, `/healthz` and `/openapi.json` excepted. */
export async function startApi(options: ApiOptions): Promise<Api> {
  await ensureFirstToken(options.store, options.dataDirectory);
  let address = '';
  const parts: ApiParts = { ...options, url: () => address };
  const app = await buildApi(parts);
  address = await app.listen({ host: options.host, port: options.port });
  return { url: address, close: () => app.close() };
}

/** The API without a socket: the OpenAPI document is made from it. */
export async function buildApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = fastify({ logger: false, forceCloseConnections: true, bodyLimit: 10 * 1024 * 1024 });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((thrown, _request, reply) => {
    const problem = problemOf(thrown);
    if (problem.status >= 500) parts.log(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Slipway', version: '1' },
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  app.get('/healthz', { schema: { hide: true } }, () => ({ status: 'ok' }));
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await gitRoutes(app, parts);
  await app.register(async (scope) => {
    scope.decorateRequest('by', '');
    scope.addHook('onRequest', async (request) => {
      request.by = await whoAsks(parts.store, request);
    });
  });
  return app;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the token that asks. */
    by: string;
  }
}
