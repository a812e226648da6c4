import { z } from 'zod';
import type { LogLine, LogQuery } from '#adapters/engines/contract.ts';
import { mask } from '#domain/secret.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { projectSecrets } from '#store/variables.ts';
import { flag, time, timeField } from './fields.ts';
import type { ApiParts, App } from './parts.ts';
import { getStack, stackParams } from './stacks.ts';
import { ndjson, sendLines, streamError, untilClosed } from './streams.ts';

const logLine = z
  .object({
    service: z.string(),
    instance: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    at: timeField,
    text: z.string(),
  })
  .meta({ id: 'LogLine' });
const logQuery = z.object({
  service: z.string().optional(),
  instance: z.string().optional().describe('An instance’s id, also of one that has ended'),
  tail: z.coerce
    .number<number>()
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe('The last so many lines of each instance'),
  follow: flag.default(false),
});
const tags = ['stacks'];

/** What a stack's instances write. */
export function stackLogRoutes(app: App, parts: ApiParts): void {
  app.get(
    '/v1/stacks/:stack/logs',
    {
      schema: {
        operationId: 'getStackLogs',
        summary: "The output of a stack's instances, as lines of JSON",
        tags,
        params: stackParams,
        querystring: logQuery,
        response: { 200: ndjson(z.union([logLine, streamError]), 'Secrets are masked.') },
      },
    },
    async ({ params, query }, reply) => {
      const { service, instance, tail, follow } = query;
      const wanted: LogQuery = {
        follow,
        ...(service === undefined ? {} : { service }),
        ...(instance === undefined ? {} : { instance }),
        ...(tail === undefined ? {} : { tail }),
      };
      const { name, project, cluster } = await getStack(parts, params.stack);
      const { engine } = await parts.clusters.get(cluster);
      const { store } = parts;
      const secrets = await store.read((db) => projectSecrets(db, store.key, project));
      sendLines(reply, masked(engine.logs(parseStackName(name), wanted, untilClosed(reply)), secrets));
      return reply;
    },
  );
}

async function* masked(
  lines: AsyncIterable<LogLine>,
  secrets: readonly string[],
): AsyncIterable<z.output<typeof logLine>> {
  for await (const { service, instance, stream, at, text } of lines)
    yield { service, instance, stream, at: time(at), text: mask(text, secrets) };
}
