import { z } from 'zod';
import { stream } from '../command.ts';
import { deploymentText } from '../deployment-text.ts';
import { type FollowItem, getDeployment } from '../follow/deployment.ts';
import { showFollowed } from '../follow/show.ts';
import { exitOfFollowed, followed, followItem } from '../following.ts';

/** `slipway show`: one deployment, as it is or as it goes. */
export const show = stream({
  name: 'show <deployment>',
  about: 'Show a deployment: its steps, tests and changes; --follow as it goes',
  details: 'Ctrl-C detaches. With --follow it ends with 1 where the deployment failed or was rolled back.',
  args: z.object({
    deployment: z.coerce.number<number>().int().min(1).describe('Its number'),
    follow: z.boolean().default(false).describe('Until it is over').meta({ short: 'f' }),
    logs: z.boolean().default(false).describe('With the output of the build').meta({ short: 'l' }),
  }),
  result: followItem,
  run: async function* ({ deployment, follow, logs }, context): AsyncIterable<FollowItem> {
    const found = await getDeployment(context.api, deployment);
    if (follow) yield* followed(context, found, { logs });
    else yield { deployment: found };
  },
  show: async (items, screen, { follow }) => {
    if (follow) return void (await showFollowed(items, screen));
    for await (const item of items) if ('deployment' in item) screen.write(deploymentText(item.deployment, screen));
  },
  exit: exitOfFollowed,
});
