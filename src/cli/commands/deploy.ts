import { z } from 'zod';
import { answer } from '#client/client.ts';
import { askOf, checkoutFor } from '../checkout.ts';
import { stream } from '../command.ts';
import type { Context } from '../context.ts';
import type { FollowItem } from '../follow/deployment.ts';
import { exitOfFollowed, followed, followItem, showDetached } from '../following.ts';
import { count } from '../output.ts';

const args = z.object({
  environment: z.string().optional().describe('Where to; by default where this branch deploys').meta({ short: 'e' }),
  detach: z.boolean().default(false).describe('Ask for it and return: see `slipway show`').meta({ short: 'd' }),
  logs: z.boolean().default(false).describe('With the output of the build').meta({ short: 'l' }),
  pull: z.boolean().default(false).describe('Look the tags of others’ images up again'),
});

/** `slipway deploy`: what is committed, through the same gate as a push. */
export const deploy = stream({
  name: 'deploy',
  about: 'Deploy HEAD of this checkout, and follow it',
  details:
    'What is not committed is not deployed. Ctrl-C detaches: the deployment goes on, and `slipway show <id> --follow` follows\n' +
    'it again. Ends with 1 where it failed or was rolled back. --json: {"event"} and {"log"} lines, the last one {"deployment"}.',
  args,
  result: followItem,
  run: deployed,
  show: showDetached,
  exit: exitOfFollowed,
});

async function* deployed(said: z.output<typeof args>, context: Context): AsyncIterable<FollowItem> {
  const checkout = await checkoutFor(context, said.environment);
  const { head, project, environment } = checkout;
  warnOf(head.uncommitted, context);
  const body = {
    environment,
    commit: head.commit,
    pull: said.pull,
    ref: head.branch === null ? null : `refs/heads/${head.branch}`,
  };
  const made = await askOf(context, checkout, () =>
    answer(context.api.POST('/v1/projects/{project}/deployments', { params: { path: { project } }, body })),
  );
  if (said.detach) yield { deployment: made };
  else yield* followed(context, made, { logs: said.logs });
}

function warnOf(uncommitted: readonly string[], context: Context): void {
  if (uncommitted.length === 0) return;
  const shown = uncommitted.slice(0, 5).join(', ');
  const more = uncommitted.length > 5 ? ` and ${uncommitted.length - 5} more` : '';
  context.note(`warning: ${count(uncommitted.length, 'uncommitted change')} will not be deployed: ${shown}${more}`);
}
