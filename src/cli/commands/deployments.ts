import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';
import { statusOf } from '../deployment-text.ts';
import { duration, table } from '../output.ts';
import { deployment, listOf } from '../schemas.ts';

/** `slipway deployments`: the newest first. */
export const deployments = command({
  name: 'deployments [stack]',
  about: 'List deployments, newest first',
  args: z.object({
    stack: z.string().optional().describe('Only of this stack'),
    project: z.string().optional().describe('Only of this project').meta({ short: 'p' }),
    environment: z.string().optional().describe('Only to this environment').meta({ short: 'e' }),
    limit: z.coerce.number<number>().int().min(1).max(500).default(20).describe('At most so many').meta({ short: 'n' }),
  }),
  result: listOf(deployment),
  run: async (query, { api }) => {
    const { items } = await answer(api.GET('/v1/deployments', { params: { query: defined(query) } }));
    return { items };
  },
  show: ({ items }, { paint }) =>
    items.length === 0
      ? 'no deployment yet: `slipway deploy`, or push to the remote `slipway`'
      : table(
          ['id', 'stack', 'status', 'commit', 'kind', 'age'],
          items.map((one) => [
            String(one.id),
            one.stack,
            statusOf(one.status, paint),
            (one.commit ?? '-').slice(0, 12),
            one.kind,
            duration(Date.now() - Date.parse(one.createdAt)),
          ]),
        ),
});

/** Without what was not said: an option that is `undefined` is none. */
const defined = <T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
