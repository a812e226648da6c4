import { z } from 'zod';
import { answer } from '#client/client.ts';
import { printPlan } from '#domain/plan/print.ts';
import { askOf, checkoutFor } from '../checkout.ts';
import { command } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { plan as planSchema } from '../schemas.ts';

/** `slipway plan`: what `slipway deploy` would do, before anything is built. */
export const plan = command({
  name: 'plan',
  about: 'Say what deploying HEAD would change: nothing is built or written',
  details: 'Ends with 0 where nothing would change, 2 where there are changes, 1 where it cannot be deployed.',
  args: z.object({
    environment: z
      .string()
      .optional()
      .describe('For which environment; by default where this branch deploys')
      .meta({ short: 'e' }),
    pull: z.boolean().default(false).describe('Look the tags of others’ images up again'),
  }),
  result: planSchema,
  run: async ({ environment: named, pull }, context) => {
    const checkout = await checkoutFor(context, named);
    const { head, project, environment } = checkout;
    if (head.uncommitted.length > 0)
      context.note(
        `note: this is the plan of the commit ${head.commit.slice(0, 12)}; what is not committed is not in it`,
      );
    const body = { environment, commit: head.commit, pull };
    return askOf(context, checkout, () =>
      answer(context.api.POST('/v1/projects/{project}/plan', { params: { path: { project } }, body })),
    );
  },
  show: (made, { paint }) =>
    `${paint.strong(made.stack)} on ${made.cluster}, commit ${made.commit.slice(0, 12)}\n\n${printPlan(made, paint)}`,
  exit: ({ changes, findings }) => {
    if (findings.some((finding) => finding.level === 'refused')) return exitCodes.failed.code;
    return changes.length > 0 ? exitCodes.changes.code : exitCodes.ok.code;
  },
});
