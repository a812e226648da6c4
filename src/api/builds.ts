import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { mask } from '#domain/secret.ts';
import { type Build, type BuildLogLine, buildLog, findBuild, listBuilds } from '#store/builds.ts';
import { projectSecrets } from '#store/variables.ts';
import { flag, idField, maybeTime, projectName, time, timeField } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { ndjson, sendLines, streamError, untilClosed } from './streams.ts';
import { wait } from './wait.ts';

export const buildView = z
  .object({
    id: z.number(),
    project: z.string(),
    commit: z.string(),
    ref: z.string().nullable(),
    message: z.string().nullable(),
    status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
    reason: z.string().nullable(),
    createdAt: timeField,
    startedAt: timeField.nullable(),
    endedAt: timeField.nullable(),
  })
  .meta({ id: 'Build' });
const logLine = z
  .object({ seq: z.number(), service: z.string(), at: timeField, text: z.string() })
  .meta({ id: 'BuildLogLine' });
export const logQuery = z.object({
  follow: flag.default(false).describe('Go on until the build ends'),
  after: z.coerce.number<number>().int().min(0).default(0).describe('Only lines after this `seq`'),
});
export const logResponse = ndjson(z.union([logLine, streamError]), "The build's output, oldest line first.");
const tags = ['builds'];

/** Builds and their output. */
export function buildRoutes(app: App, parts: ApiParts): void {
  app.get(
    '/v1/builds',
    {
      schema: {
        operationId: 'listBuilds',
        summary: 'List builds, newest first',
        tags,
        querystring: pageQuery.extend({ project: projectName.optional() }),
        response: { 200: pageOf(buildView) },
      },
    },
    async ({ query }) =>
      readPage(
        query,
        (page) => parts.store.read((db) => listBuilds(db, query.project ?? null, page)),
        (row) => row.id,
        viewOfBuild,
      ),
  );
  app.get(
    '/v1/builds/:id',
    {
      schema: {
        operationId: 'getBuild',
        summary: 'A build',
        tags,
        params: z.object({ id: idField }),
        response: { 200: buildView },
      },
    },
    async ({ params: { id } }) => viewOfBuild(await getBuild(parts, id)),
  );
  app.get(
    '/v1/builds/:id/log',
    {
      schema: {
        operationId: 'getBuildLog',
        summary: 'The output of a build, as lines of JSON',
        tags,
        params: z.object({ id: idField }),
        querystring: logQuery,
        response: { 200: logResponse },
      },
    },
    async ({ params: { id }, query }, reply) => {
      await getBuild(parts, id);
      sendLines(
        reply,
        buildLines(parts, async () => id, query, untilClosed(reply)),
      );
      return reply;
    },
  );
}

async function getBuild({ store }: ApiParts, id: number): Promise<Build> {
  const found = await store.read((db) => findBuild(db, id));
  if (found) return found;
  throw new SlipwayError('not_found', `there is no build ${id}`);
}

/** A build as the API shows it, times as RFC 3339. */
export const viewOfBuild = (build: Build): z.output<typeof buildView> => ({
  ...build,
  createdAt: time(build.createdAt),
  startedAt: maybeTime(build.startedAt),
  endedAt: maybeTime(build.endedAt),
});

/** A build writes its lines about five times a second. */
const pollMs = 250;
const batch = 1_000;

/**
 * A build's output, masked; with `follow` until it ends. `build` gives its id, `null` while there is none yet, and
 * `undefined` where there will be none.
 */
export async function* buildLines(
  parts: ApiParts,
  build: () => Promise<number | null | undefined>,
  query: z.output<typeof logQuery>,
  signal: AbortSignal,
): AsyncIterable<z.output<typeof logLine>> {
  let after = query.after;
  let secrets: readonly string[] | undefined;
  while (!signal.aborted) {
    const id = await build();
    if (id === undefined || (id === null && !query.follow)) return;
    if (id !== null) {
      // its state is read before its lines: those that come with the end are not missed
      const { status, project } = await getBuild(parts, id);
      secrets ??= await parts.store.read((db) => projectSecrets(db, parts.store.key, project));
      const lines = await parts.store.read((db) => buildLog(db, id, after, batch));
      for (const line of lines) yield viewOfLine(line, secrets);
      after = lines.at(-1)?.seq ?? after;
      if (lines.length === batch) continue;
      if (!query.follow || status !== 'running') return;
    }
    await wait(pollMs, signal);
  }
}

const viewOfLine = ({ seq, service, at, text }: BuildLogLine, secrets: readonly string[]) => ({
  seq,
  service,
  at: time(at),
  text: mask(text, secrets),
});
