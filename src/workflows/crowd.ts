import { setTimeout as pause } from 'node:timers/promises';
import { getDeployment, listDeployments, newestDeployment } from '#store/deployments.ts';
import type { Context } from './context.ts';

/** Deployments of one stack that are asked for within so long of one another are a crowd. */
const crowdMs = 2000;

/**
 * In a crowd of commits only the last one is worth building: a deployment that follows closely on one of another commit waits
 * until it is itself so old, or a newer one is there. One that comes alone, or builds nothing new, does not wait.
 * Source: goal R5, 200 pushes in 10 s, at most 3 builds.
 */
export async function awaitEndOfCrowd(context: Context, id: number, signal: AbortSignal): Promise<null> {
  const { store } = context;
  const { stack, commit, createdAt } = await store.read((db) => getDeployment(db, id));
  const [before] = await store.read((db) => listDeployments(db, { stack }, { limit: 1, before: id }));
  if (!before || before.commit === commit || createdAt - before.createdAt > crowdMs) return null;
  while (Date.now() < createdAt + crowdMs) {
    const newest = await store.read((db) => newestDeployment(db, stack));
    if (newest !== null && newest.id > id) return null;
    await pause(100, undefined, { signal });
  }
  return null;
}
