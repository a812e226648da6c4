import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '#domain/errors.ts';
import { forgetOldKeys } from '#store/idempotency.ts';
import { commitsToKeep } from '#store/keep.ts';
import { listProjects } from '#store/projects.ts';
import { leftTestStacks } from '#store/test-runs.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { resumeDeployments } from './enqueue.ts';
import { finish } from './finish.ts';
import { removeTestStack } from './gate.ts';
import { receiveMissedPushes } from './receive.ts';
import { removeStaleArtifacts } from './retention.ts';

const everyMs = 6 * 3_600_000;
const minuteMs = 60_000;

/**
 * Once a minute until `signal`, looks for what fell between two stools: test stacks that could not be removed, refs that
 * moved unseen, deployments that could not be handed over. Each is there only after trouble.
 */
export async function watchOver(context: Context, run: RunDeployment, signal: AbortSignal): Promise<void> {
  const told = (what: string) => (thrown: unknown) => context.log(`${what}: ${messageOf(thrown)}`);
  while (!signal.aborted) {
    await removeLeftTestStacks(context, signal).catch(told('test stacks'));
    await pause(minuteMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    await endLost(context, run).catch(told('deployments'));
    await receiveMissedPushes(context, run, 'look').catch(told('refs'));
  }
}

/** A deployment whose workflow ended by an error of the library's would stay open for ever, and say nothing. */
async function endLost(context: Context, run: RunDeployment): Promise<void> {
  const reason = 'its workflow ended before it did; see the log of the server, then deploy again';
  for (const { id } of await resumeDeployments(context, run)) {
    // it may have ended just now
    await pause(1000);
    await finish(context, id, { status: 'failed', reason, services: [] });
  }
}

/** Removes the test stacks of deployments that are over: their own removal failed, or its deployment was ended from outside. */
async function removeLeftTestStacks(context: Context, signal: AbortSignal): Promise<void> {
  for (const left of await context.store.read((db) => leftTestStacks(db)))
    await removeTestStack(context, left, signal).catch((thrown: unknown) =>
      context.log(`test stack of deployment ${left.deployment}: ${messageOf(thrown)}`),
    );
}

/** Lets go, four times a day until `signal`, of what nobody needs any more: checkouts, packs, images, idempotency keys. A failure waits for the next time. */
export async function keepHouse(context: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted)
      await tidyAll(context, signal).catch((thrown: unknown) => context.log(`housekeeping: ${messageOf(thrown)}`));
  }
}

async function tidyAll(context: Context, signal: AbortSignal): Promise<void> {
  const { store, sources } = context;
  await store.read((db) => forgetOldKeys(db));
  const gone = await removeStaleArtifacts(context, signal);
  if (gone > 0) context.log(`housekeeping: ${gone} artifacts that nothing needs any more were removed`);
  for (const { name } of await store.read((db) => listProjects(db)))
    await sources.tidy(name, await store.read((db) => commitsToKeep(db, name)), signal);
}
