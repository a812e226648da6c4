import { SlipwayError } from '#domain/errors.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { saveTarget } from '#store/attempts.ts';
import { changesOf } from '#store/changes.ts';
import { cancelRequested, type Deployment, setDeploymentStatus } from '#store/deployments.ts';
import { releaseSpec } from '#store/releases.ts';
import { latestStable } from '#store/revisions.ts';
import { bring } from './bring.ts';
import type { Context } from './context.ts';
import type { Ending } from './finish.ts';
import { type Failure, type Outcome, reasonOf } from './outcome.ts';
import { step } from './runtime.ts';
import { verifyTarget } from './verify.ts';

type Way =
  | { readonly to: 'nothing changed' }
  | { readonly to: 'revision'; readonly number: number }
  | { readonly to: 'stop'; readonly services: readonly string[] };

/**
 * Ends a failed rollout: the whole stack returns to its last stable release, with the configs and secrets of then, and that
 * is verified by image, health and commit before it is called 'rolled back'. Without one, what was changed is stopped,
 * and its logs stay. Source: design.md, 'Back means back'.
 */
export async function returnToStable(context: Context, deployment: Deployment, failure: Failure): Promise<Ending> {
  const reason = reasonOf(failure);
  const cancelled = await step('was cancelled', () => context.store.read((db) => cancelRequested(db, deployment.id)));
  const failed = { status: cancelled.ok && cancelled.value ? 'cancelled' : 'failed', reason, services: [] } as const;
  const way = await step('way back', () => chooseWay(context, deployment, reason));
  if (!way.ok) return { ...failed, reason: `${reason}\n${way.failure.message}` };
  if (way.value.to === 'nothing changed') return failed;
  if (way.value.to === 'stop') return stopAll(context, deployment, way.value.services, failed);
  const back = await bring(context, {
    deployment: deployment.id,
    attempt: 'back',
    cluster: deployment.cluster,
  });
  const verified: Outcome<unknown> = back.ok
    ? await step('verify back', (stop) => verifyTarget(context, deployment.id, 'back', stop))
    : back;
  if (!back.ok || !verified.ok)
    return {
      ...failed,
      status: 'failed',
      reason: `${reason}\nthe return to revision ${way.value.number} failed too: ${verified.ok ? '' : verified.failure.message}`,
    };
  return {
    status: cancelled.ok && cancelled.value ? 'cancelled' : 'rolled-back',
    reason: `${reason}\nreturned to stable revision ${way.value.number}, verified`,
    services: back.value.changed,
  };
}

async function chooseWay(context: Context, deployment: Deployment, reason: string): Promise<Way> {
  const { store } = context;
  const changes = (await store.read((db) => changesOf(db, deployment.id))).filter(
    (change) => change.attempt === 'forward',
  );
  if (changes.length === 0) return { to: 'nothing changed' };
  const stable = await store.read((db) => latestStable(db, deployment.stack));
  if (stable === null)
    return {
      to: 'stop',
      services: changes
        .filter((change) => change.thing.startsWith('service/'))
        .map((change) => change.thing.slice('service/'.length)),
    };
  const spec = await store.read((db) => releaseSpec(db, store.key, stable.release));
  await store.transaction(async (tx) => {
    await saveTarget(tx, store.key, deployment.id, 'back', spec);
    await setDeploymentStatus(tx, deployment.id, 'rolling-back', reason);
  });
  return { to: 'revision', number: stable.number };
}

/** There is nothing to return to: what runs badly does not go on running. */
async function stopAll(
  context: Context,
  deployment: Deployment,
  services: readonly string[],
  failed: Ending,
): Promise<Ending> {
  const stopped = await step('stop', async (signal) => {
    const { engine } = await context.cluster(deployment.cluster);
    for (const service of services) await stopOne(() => engine.stop(parseStackName(deployment.stack), service, signal));
    return null;
  });
  const words = stopped.ok
    ? 'there is no stable release to return to; its instances are stopped, their logs kept'
    : `its instances could not be stopped: ${stopped.failure.message}`;
  return { ...failed, reason: `${failed.reason}\n${words}` };
}

async function stopOne(stop: () => Promise<void>): Promise<void> {
  try {
    await stop();
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError && (thrown.code === 'not_found' || thrown.code === 'engine.no_instance')))
      throw thrown;
  }
}
