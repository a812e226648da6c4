import { z } from 'zod';
import { answer } from '#client/client.ts';
import { SlipwayError } from '#domain/errors.ts';
import { command, stream } from '../command.ts';
import type { Context } from '../context.ts';
import type { FollowItem } from '../follow/deployment.ts';
import { exitOfFollowed, followed, followItem, showDetached } from '../following.ts';
import { deployment } from '../schemas.ts';

const detach = z.boolean().default(false).describe('Ask for it and return').meta({ short: 'd' });

/** `slipway cancel`: the one act that ends a deployment. */
export const cancel = command({
  name: 'cancel <deployment>',
  about: 'Cancel a deployment; a stack that it has begun to change returns to its stable release',
  args: z.object({ deployment: z.coerce.number<number>().int().min(1).describe('Its number') }),
  result: deployment,
  run: ({ deployment: id }, { api }) => answer(api.POST('/v1/deployments/{id}/cancel', { params: { path: { id } } })),
  show: ({ id, stack, over }) =>
    over
      ? `deployment ${id} of '${stack}' is cancelled`
      : `deployment ${id} of '${stack}' is being cancelled: follow it with \`slipway show ${id} --follow\``,
});

/** `slipway rollback`: a deployment of its own, to what ran well before. */
export const rollback = stream({
  name: 'rollback <target>',
  about: 'Return a stack to its stable release before the present one, or to the one given',
  args: z.object({
    target: z.string().describe('A stack, or the number of one of its deployments'),
    to: z.coerce
      .number<number>()
      .int()
      .min(1)
      .optional()
      .describe('The revision to return to: see `slipway ps <stack>`'),
    detach,
  }),
  result: followItem,
  run: async function* ({ target, to, detach: isDetached }, context): AsyncIterable<FollowItem> {
    const stack = await stackOf(target, context);
    const made = await answer(
      context.api.POST('/v1/stacks/{stack}/rollback', { params: { path: { stack } }, body: { to: to ?? null } }),
    );
    if (isDetached) yield { deployment: made };
    else yield* followed(context, made, { logs: false });
  },
  show: showDetached,
  exit: exitOfFollowed,
});

async function stackOf(named: string, { api }: Context): Promise<string> {
  if (!/^\d+$/.test(named)) return named;
  const { stack } = await answer(api.GET('/v1/deployments/{id}', { params: { path: { id: Number(named) } } }));
  return stack;
}

/** `slipway rm`: asks first. */
export const rm = stream({
  name: 'rm <stack>',
  about: 'Remove a stack; its volumes, with their data, only with --volumes',
  args: z.object({
    stack: z.string().describe('Its name'),
    volumes: z.boolean().default(false).describe('Its volumes too: their data is gone for good'),
    yes: z.boolean().default(false).describe('Do not ask').meta({ short: 'y' }),
    detach,
  }),
  result: followItem,
  run: async function* ({ stack, volumes, yes, detach: isDetached }, context): AsyncIterable<FollowItem> {
    const what = `stack '${stack}'${volumes ? ' with its volumes and their data' : '; its volumes are kept'}`;
    if (!yes) await mustConfirm(context, stack, what);
    const made = await answer(
      context.api.DELETE('/v1/stacks/{stack}', { params: { path: { stack }, query: { volumes } } }),
    );
    if (isDetached) yield { deployment: made };
    else yield* followed(context, made, { logs: false });
  },
  show: showDetached,
  exit: exitOfFollowed,
});

/** Whoever removes a stack writes its name; where nobody can be asked, `--yes` says it. @throws SlipwayError `cli.usage` */
async function mustConfirm({ input, screen }: Context, name: string, what: string): Promise<void> {
  if (!input.isTerminal || screen.json)
    throw new SlipwayError('cli.usage', `this would remove ${what}`, 'say --yes where nobody can be asked');
  if ((await input.ask(`This removes ${what}. Write its name to go on: `)) === name) return;
  throw new SlipwayError('cli.usage', 'nothing was removed');
}
