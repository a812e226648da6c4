import { within } from '#adapters/within.ts';
import { type FollowItem, followDeployment, seenOf } from '#cli/follow/deployment.ts';
import { showFollowed } from '#cli/follow/show.ts';
import { read } from '#cli/follow/view.ts';
import type { Screen } from '#cli/output.ts';
import { answer, type Schema } from '#client/client.ts';
import type { RunningSlipway } from './slipway.ts';
import { Trouble } from './trouble.ts';
import { until } from './until.ts';

/** A deployment that succeeded. */
export interface Followed {
  readonly id: number;
  readonly stack: string;
  /** Services whose artifact was made for it; those of `reused` had one already. */
  readonly built: readonly string[];
  readonly reused: readonly string[];
}

/**
 * Shows the deployment of a commit until it is over.
 * @throws Trouble when it does not succeed, or is not over within `limitMs`
 */
export async function follow(
  slipway: RunningSlipway,
  commit: string,
  screen: Screen,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Followed> {
  const look = async (): Promise<Schema<'Deployment'> | undefined> => {
    const page = await answer(slipway.api.GET('/v1/deployments'));
    return page.items.find((deployment) => deployment.commit === commit);
  };
  const deployment = await until('the deployment of the push', look, 15_000, signal);
  const found: { ended?: Schema<'Deployment'>; built: readonly string[]; reused: readonly string[] } = {
    built: [],
    reused: [],
  };
  const late = (): Trouble =>
    new Trouble(`deployment ${deployment.id} is not over after ${limitMs / 1000} s`, 'give it longer with --limit');
  await within(signal, { ms: limitMs, graceMs: 1000, late }, (limited) =>
    showFollowed(noting(followDeployment(slipway.api, deployment, { logs: false }, limited), found), screen),
  );
  // followed, it ends without a word when it is told to
  signal.throwIfAborted();
  if (found.ended === undefined) throw late();
  const { id, stack, status, reason } = found.ended;
  if (status !== 'succeeded')
    throw new Trouble(`deployment ${id} ended as ${status}: ${reason ?? 'no reason is known'}`);
  return { id, stack, built: found.built, reused: found.reused };
}

/** Takes down, of what goes by, what was built and how it ended. */
async function* noting(
  items: AsyncIterable<FollowItem>,
  found: { ended?: Schema<'Deployment'>; built: readonly string[]; reused: readonly string[] },
): AsyncIterable<FollowItem> {
  for await (const item of items) {
    if ('deployment' in item) found.ended = item.deployment;
    const build = 'event' in item ? read(seenOf(item.event), 'build.succeeded') : null;
    if (build !== null) ({ built: found.built, reused: found.reused } = build);
    yield item;
  }
}
