import { z } from 'zod';
import { openDeployments } from '#store/deployments.ts';
import { time, timeField } from './fields.ts';
import type { ApiParts, App } from './parts.ts';

const status = z
  .object({
    version: z.string(),
    url: z.string(),
    startedAt: timeField,
    uptimeSeconds: z.number(),
    database: z.enum(['embedded', 'external']),
    dataDirectory: z.string(),
    user: z.string().describe('The name of the token that asks'),
    deployments: z.object({ queued: z.number(), running: z.number() }),
  })
  .meta({ id: 'Status' });
const tags = ['system'];

/** The server itself. */
export function systemRoutes(app: App, parts: ApiParts): void {
  const { store, system } = parts;
  app.get(
    '/v1/status',
    {
      schema: {
        operationId: 'getStatus',
        summary: 'What this server is and does now',
        tags,
        response: { 200: status },
      },
    },
    async ({ by }) => {
      const open = await store.read((db) => openDeployments(db));
      const queued = open.filter((row) => row.startedAt === null).length;
      return {
        version: system.version,
        url: parts.url(),
        startedAt: time(system.startedAt),
        uptimeSeconds: Math.round((Date.now() - system.startedAt) / 1000),
        database: system.isEmbedded ? ('embedded' as const) : ('external' as const),
        dataDirectory: parts.dataDirectory,
        user: by,
        deployments: { queued, running: open.length - queued },
      };
    },
  );
  app.post(
    '/v1/shutdown',
    {
      schema: {
        operationId: 'shutdown',
        summary: 'Stop this server; with `all` its local instances too',
        tags,
        body: z.object({ all: z.boolean().default(false) }).default({ all: false }),
        response: { 202: z.object({ stopping: z.literal(true) }) },
      },
    },
    async ({ body }, reply) => {
      // the answer goes out first
      reply.raw.once('finish', () => setImmediate(() => system.shutdown(body.all)));
      return reply.status(202).send({ stopping: true });
    },
  );
}
