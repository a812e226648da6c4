import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { type EventType, eventTypes, type RecordedEvent, toCloudEvent } from '#domain/events/types.ts';
import { maskDeep } from '#domain/secret.ts';
import type { Store } from '#store/database.ts';
import { type EventFilter, eventsAfter, lastEventSeq, listEvents } from '#store/events.ts';
import { projectSecrets } from '#store/variables.ts';
import type { EventFeed } from './event-feed.ts';
import { projectName } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { sendEvents, untilClosed } from './streams.ts';
import { wait } from './wait.ts';

const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string(),
    time: z.string(),
    datacontenttype: z.literal('application/json'),
    sequence: z.string(),
    data: z.unknown(),
  })
  .meta({ id: 'CloudEvent' });
const typeNames = Object.keys(eventTypes);
const filterQuery = pageQuery.extend({
  project: projectName.optional(),
  deployment: z.coerce.number<number>().int().optional(),
  stack: z.string().optional(),
  types: z.string().optional().describe('A list with commas: `deployment.succeeded,build.failed`'),
  after: z.coerce
    .number<number>()
    .int()
    .min(0)
    .optional()
    .describe('For a stream: the sequence number to begin after; 0 for all. Without it, only what comes'),
});
const batch = 100;
const burstMs = 40;

/** Everything that happens, as pages, and live. */
export function eventRoutes(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'Events as CloudEvents: newest first in pages, or live where the client accepts text/event-stream',
        tags: ['events'],
        querystring: filterQuery,
        headers: z.looseObject({
          accept: z.string().optional(),
          'last-event-id': z.string().optional().describe('The `id` of the last event that was seen'),
        }),
        response: {
          200: {
            description: 'A page, or a stream whose `id` is the sequence number and whose `data` is a CloudEvent',
            content: {
              'application/json': { schema: pageOf(cloudEvent) },
              'text/event-stream': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ query, headers }, reply) => {
      const filter = filterOf(query);
      if (!/text\/event-stream/.test(headers.accept ?? '')) {
        const read = async (page: Parameters<typeof listEvents>[2]) =>
          masked(store, await store.read((db) => listEvents(db, filter, page)));
        const page = await readPage(
          query,
          read,
          (row) => row.seq,
          (row) => cloudEvent.parse(toCloudEvent(row)),
        );
        return reply.type('application/json').send(page);
      }
      const from = positionOf(headers['last-event-id']) ?? query.after ?? (await store.read(lastEventSeq));
      sendEvents(reply, messages(parts, filter, from, untilClosed(reply)));
      return reply;
    },
  );
}

function filterOf(query: z.output<typeof filterQuery>): EventFilter {
  const { project, deployment, stack, types } = query;
  return {
    ...(project === undefined ? {} : { project }),
    ...(deployment === undefined ? {} : { deployment }),
    ...(stack === undefined ? {} : { subject: stack }),
    ...(types === undefined ? {} : { types: types.split(',').map((type) => eventType(type.trim())) }),
  };
}

function eventType(name: string): EventType {
  if (isEventType(name)) return name;
  throw new SlipwayError('input.invalid', `there is no type of event '${name}'`, `there are: ${typeNames.join(', ')}`);
}

const isEventType = (name: string): name is EventType => Object.hasOwn(eventTypes, name);

const positionOf = (id: string | undefined): number | undefined => {
  if (id === undefined || id === '') return undefined;
  if (/^\d{1,15}$/.test(id)) return Number(id);
  throw new SlipwayError('input.invalid', `Last-Event-ID is '${id}', which is no event of this server`);
};

/** Events after `from`, as server-sent events, until the signal. */
async function* messages(
  { store, feed }: ApiParts,
  filter: EventFilter,
  from: number,
  signal: AbortSignal,
): AsyncIterable<string> {
  let at = from;
  while (!signal.aborted) {
    // whatever is committed now is found by the read below: `seq` has the order of commits
    const known = feed.newest();
    const found = await masked(store, await store.read((db) => eventsAfter(db, at, filter, batch)));
    for (const event of found)
      yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(toCloudEvent(event))}\n\n`;
    at = found.length === batch ? (found.at(-1)?.seq ?? at) : Math.max(at, known, found.at(-1)?.seq ?? 0);
    if (found.length < batch) await nextBurst(feed, at, signal);
  }
}

/** Events come in bursts: those of a moment are read at once, not each by itself while more is being done. */
async function nextBurst(feed: EventFeed, after: number, signal: AbortSignal): Promise<void> {
  await feed.beyond(after, signal);
  await wait(burstMs, signal);
}

/** Reasons quote what engines, builds and tests said, in which a secret may stand. */
async function masked(store: Store, events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> {
  const secrets = new Map<string, readonly string[]>();
  for (const { project } of events)
    if (project !== null && !secrets.has(project))
      secrets.set(project, await store.read((db) => projectSecrets(db, store.key, project)));
  return events.map((event) => ({ ...event, data: maskDeep(event.data, secrets.get(event.project ?? '') ?? []) }));
}
