import { parseStackName } from '#domain/stack-name.ts';
import type { Deployment } from '#store/deployments.ts';
import { markRemoved } from '#store/stacks.ts';
import type { Context } from './context.ts';

/** Removes a stack; its volumes only where that was asked for in so many words. */
export async function removeStack(context: Context, deployment: Deployment, signal: AbortSignal): Promise<null> {
  const volumes = (deployment.options as { readonly volumes?: boolean } | null)?.volumes === true;
  const { engine } = await context.cluster(deployment.cluster);
  await engine.remove(parseStackName(deployment.stack), { volumes }, signal);
  await context.store.transaction((tx) => markRemoved(tx, deployment.stack, volumes));
  return null;
}
