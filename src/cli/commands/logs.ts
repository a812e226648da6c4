import { z } from 'zod';
import { answer } from '#client/client.ts';
import { stackLogs } from '#client/streams.ts';
import { SlipwayError } from '#domain/errors.ts';
import { each, stream } from '../command.ts';
import type { Context } from '../context.ts';
import { openFolder } from '../folder.ts';
import { plain } from '../output.ts';
import { logLine } from '../schemas.ts';

/** `slipway logs`: of a stack, or of the one that this folder's project runs. */
export const logs = stream({
  name: 'logs [service]',
  about: 'Print the output of a stack’s instances',
  args: z.object({
    service: z.string().optional().describe('Only this service'),
    stack: z
      .string()
      .optional()
      .describe('Of which stack; by default the only one of this folder’s project')
      .meta({ short: 's' }),
    follow: z.boolean().default(false).describe('Go on with what comes').meta({ short: 'f' }),
    tail: z.coerce
      .number<number>()
      .int()
      .min(0)
      .max(100_000)
      .default(100)
      .describe('The last so many lines of each instance')
      .meta({ short: 'n' }),
    instance: z.string().optional().describe('Only this instance, by its id'),
    times: z.boolean().default(false).describe('With the time of each line').meta({ short: 't' }),
  }),
  result: logLine,
  run: async function* ({ service, stack: named, follow, tail, instance }, context) {
    const stack = named ?? (await stackHere(context));
    const query = {
      tail,
      ...(follow ? { follow } : {}),
      ...(service === undefined ? {} : { service }),
      ...(instance === undefined ? {} : { instance }),
    };
    try {
      yield* stackLogs(context.api, stack, query, context.signal);
    } catch (thrown) {
      if (!context.signal.aborted) throw thrown;
    }
  },
  show: (items, screen, { times }) =>
    each<z.output<typeof logLine>>(({ service, instance, at, text }) => {
      const from = `${times ? `${at} ` : ''}${service}.${instance.slice(0, 12)} |`;
      return `${screen.paint.faint(from)} ${plain(text)}`;
    })(items, screen),
});

/** The one stack of this folder's project. @throws SlipwayError `cli.usage` where there are several or none */
export async function stackHere({ api, cwd }: Context): Promise<string> {
  const { config } = openFolder(cwd);
  const query = { project: config.project, limit: 500 };
  const { items } = await answer(api.GET('/v1/stacks', { params: { query } }));
  const [only, second] = items;
  if (only !== undefined && second === undefined) return only.name;
  const names = items.map((stack) => stack.name).join(', ');
  throw new SlipwayError(
    'cli.usage',
    items.length === 0
      ? `project '${config.project}' runs no stack yet`
      : `project '${config.project}' has ${items.length} stacks`,
    items.length === 0 ? 'deploy it with `slipway deploy`' : `name one with --stack: ${names}`,
  );
}
