import { z } from 'zod';
import type { Schema } from '#client/client.ts';
import { isFinal } from '#domain/deployment.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { type FollowItem, type FollowOptions, followDeployment } from './follow/deployment.ts';
import { showFollowed } from './follow/show.ts';
import type { Screen } from './output.ts';
import { deployment } from './schemas.ts';

/** A line of `--json` where a deployment is followed. */
export const followItem = z.union([
  z.object({ event: z.custom<Schema<'CloudEvent'>>((value) => isRecord(value) && value.specversion === '1.0') }),
  z.object({ log: z.custom<Schema<'BuildLogLine'>>(isRecord) }),
  z.object({ deployment: z.custom<Schema<'Deployment'>>((value) => deployment.safeParse(value).success) }),
]);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}

/** A deployment as it goes; with Ctrl-C it says how to follow it again, and ends nothing. */
export async function* followed(
  context: Context,
  made: Schema<'Deployment'>,
  options: FollowOptions,
): AsyncIterable<FollowItem> {
  yield* followDeployment(context.api, made, options, context.signal);
  if (context.signal.aborted)
    context.note(
      `detached: deployment ${made.id} goes on; follow it again with \`slipway show ${made.id} --follow\`, end it with \`slipway cancel ${made.id}\``,
    );
}

/** Shows a followed deployment, or, where it is not followed, that it was asked for. */
export async function showDetached(items: AsyncIterable<FollowItem>, screen: Screen): Promise<void> {
  let last: FollowItem | undefined;
  const noting = async function* () {
    for await (const item of items) {
      last = item;
      yield item;
    }
  };
  const view = await showFollowed(noting(), screen);
  if (last !== undefined && 'deployment' in last && view.about === null) screen.write(askedText(last.deployment));
}

const askedText = ({ id, stack, status }: Schema<'Deployment'>): string =>
  `deployment ${id} of '${stack}' is ${status}: follow it with \`slipway show ${id} --follow\`\n`;

/** 1 where it ended otherwise than asked for. */
export function exitOfFollowed(last: FollowItem | undefined): number {
  if (last === undefined || !('deployment' in last)) return exitCodes.ok.code;
  const { status } = last.deployment;
  return isFinal(status) && status !== 'succeeded' ? exitCodes.failed.code : exitCodes.ok.code;
}
