import { z } from 'zod';
import { answer } from '#client/client.ts';
import { events as liveEvents } from '#client/streams.ts';
import { each, stream } from '../command.ts';
import { plain } from '../output.ts';
import { event } from '../schemas.ts';

/** `slipway events`: what happened, and with -f what happens. */
export const events = stream({
  name: 'events',
  about: 'Print what happened, as CloudEvents with --json; -f goes on with what comes',
  args: z.object({
    follow: z.boolean().default(false).describe('Go on with what comes').meta({ short: 'f' }),
    project: z.string().optional().describe('Only of this project').meta({ short: 'p' }),
    stack: z.string().optional().describe('Only of this stack').meta({ short: 's' }),
    types: z.string().optional().describe('Only of these types: deployment.succeeded,build.failed'),
    limit: z.coerce
      .number<number>()
      .int()
      .min(0)
      .max(500)
      .default(50)
      .describe('The last so many')
      .meta({ short: 'n' }),
  }),
  result: event,
  run: async function* ({ follow, limit, project, stack, types }, { api, signal }) {
    const filter = {
      ...(project === undefined ? {} : { project }),
      ...(stack === undefined ? {} : { stack }),
      ...(types === undefined ? {} : { types }),
    };
    const page = await answer(api.GET('/v1/events', { params: { query: { ...filter, limit: Math.max(1, limit) } } }));
    const items = typeof page === 'string' ? [] : page.items;
    const past = limit === 0 ? [] : items.toReversed();
    yield* past;
    if (!follow) return;
    const newest = items[0]?.sequence;
    yield* liveEvents(api, { ...filter, ...(newest === undefined ? {} : { after: Number(newest) }) }, signal);
  },
  show: (items, screen) =>
    each<z.output<typeof event>>(
      ({ time, type, subject, data }) =>
        `${screen.paint.faint(time)}  ${type.padEnd(22)}  ${screen.paint.strong(subject)}  ${plain(gist(data))}`,
    )(items, screen),
});

/** What of an event's data a line has room for. */
function gist(data: unknown): string {
  if (data === null || typeof data !== 'object') return '';
  const told = ['reason', 'message', 'thing', 'action', 'status', 'commit', 'ref', 'by'] as const;
  return Object.entries(data)
    .filter(([key, value]) => told.some((name) => name === key) && value !== null && value !== '')
    .map(([key, value]) => `${key}=${key === 'commit' ? String(value).slice(0, 12) : String(value).split('\n')[0]}`)
    .join(' ');
}
