import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';
import { secretFrom } from '../given.ts';
import { table } from '../output.ts';
import { channel, listOf, removed } from '../schemas.ts';

const name = z.string().describe('Its name, as `notify:` in slipway.yaml says it');

export const channelAdd = command({
  name: 'channel add <name>',
  about: 'Make a channel for notices: a Slack-compatible webhook, whose URL comes from the standard input',
  args: z.object({ name, file: z.string().optional().describe('Read the URL from here').meta({ short: 'f' }) }),
  result: channel,
  run: async ({ name: to, file }, context) => {
    // whoever has the URL may write to the channel: it is a secret
    const url = (await secretFrom(context, file, 'URL of the webhook: ')).trim();
    return answer(
      context.api.PUT('/v1/channels/{channel}', { params: { path: { channel: to } }, body: { kind: 'slack', url } }),
    );
  },
  show: (made) => `channel '${made.name}' is kept: try it with \`slipway channel test ${made.name}\``,
});

export const channelLs = command({
  name: 'channel ls',
  about: 'List channels',
  args: z.object({}),
  result: listOf(channel),
  run: async (_, { api }) => ({
    items: (await answer(api.GET('/v1/channels', { params: { query: { limit: 500 } } }))).items,
  }),
  show: ({ items }) =>
    table(
      ['name', 'kind'],
      items.map((one) => [one.name, one.kind]),
    ),
});

export const channelRm = command({
  name: 'channel rm <name>',
  about: 'Remove a channel',
  args: z.object({ name }),
  result: removed,
  run: async ({ name: gone }, { api }) => {
    await api.DELETE('/v1/channels/{channel}', { params: { path: { channel: gone } } });
    return { removed: gone };
  },
  show: ({ removed: gone }) => `channel '${gone}' is removed`,
});

export const channelTest = command({
  name: 'channel test <name>',
  about: 'Send a test notice to a channel now',
  args: z.object({ name }),
  result: z.object({ channel: z.string(), delivered: z.boolean() }),
  run: async ({ name: to }, { api }) => {
    const { delivered } = await answer(api.POST('/v1/channels/{channel}/test', { params: { path: { channel: to } } }));
    return { channel: to, delivered };
  },
  show: ({ channel: to }) => `channel '${to}' took a test notice`,
});
