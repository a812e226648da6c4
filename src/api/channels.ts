import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { Secret } from '#domain/secret.ts';
import { type ChannelSettings, findChannel, listChannels, removeChannel, saveChannel } from '#store/channels.ts';
import { plainName } from './fields.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';

const channelView = z.object({ name: z.string(), kind: z.string() }).meta({ id: 'Channel' });
const newChannel = z.object({
  kind: z.literal('slack').default('slack').describe('A Slack-compatible incoming webhook'),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .describe('Kept sealed, and never shown: whoever has it may write there'),
});
const params = z.object({ channel: plainName });
const tags = ['channels'];
const path = '/v1/channels/:channel';

/** Where notices go. */
export function channelRoutes(app: App, parts: ApiParts): void {
  readChannels(app, parts);
  changeChannels(app, parts);
}

function readChannels(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.get(
    '/v1/channels',
    {
      schema: {
        operationId: 'listChannels',
        summary: 'List channels by name',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(channelView) },
      },
    },
    async ({ query }) => {
      const { rows, next } = namedPage(query, await store.read((db) => listChannels(db, store.key)), (row) => row.name);
      return { items: rows.map(viewOf), next };
    },
  );
}

function changeChannels(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.put(
    path,
    {
      schema: {
        operationId: 'setChannel',
        summary: 'Make a channel, or change it',
        tags,
        params,
        body: newChannel,
        response: { 200: channelView },
      },
    },
    async ({ params: { channel: name }, body: { kind, url } }) => {
      await store.transaction((tx) => saveChannel(tx, store.key, { name, kind, url: new Secret(url) }));
      return { name, kind };
    },
  );
  app.delete(
    path,
    {
      schema: {
        operationId: 'removeChannel',
        summary: 'Remove a channel',
        tags,
        params,
        response: { 204: z.null().describe('Removed') },
      },
    },
    async ({ params: { channel } }, reply) => {
      if (!(await store.transaction((tx) => removeChannel(tx, channel)))) throw missing(channel);
      return reply.status(204).send(null);
    },
  );
  app.post(
    `${path}/test`,
    {
      schema: {
        operationId: 'testChannel',
        summary: 'Send a test notice to a channel now',
        tags,
        params,
        response: { 200: z.object({ delivered: z.literal(true) }) },
      },
    },
    async ({ params: { channel }, by }) => {
      await sendTest(parts, channel, by);
      return { delivered: true as const };
    },
  );
}

async function sendTest(parts: ApiParts, name: string, by: string): Promise<void> {
  const { store } = parts;
  const found = await store.read((db) => findChannel(db, store.key, name));
  if (!found) throw missing(name);
  const notice = {
    id: randomUUID(),
    title: 'Slipway: a test notice',
    lines: [`channel '${name}' works; '${by}' asked for this`],
    level: 'info',
    link: null,
  } as const;
  await parts.channel(found.kind, found.url.reveal()).send(notice, AbortSignal.timeout(15_000));
}

const viewOf = ({ name, kind }: ChannelSettings) => ({ name, kind });
const missing = (name: string): SlipwayError => new SlipwayError('not_found', `there is no channel '${name}'`);
