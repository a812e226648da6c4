import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Deployment } from '#store/deployments.ts';
import { claimDeployment } from '#store/deployments.ts';
import { bring } from './bring.ts';
import type { BuildService } from './build.ts';
import { buildServices } from './build.ts';
import { beginBuild, endBuildOf } from './building.ts';
import { cancelSignal } from './cancellation.ts';
import type { Context } from './context.ts';
import { awaitEndOfCrowd } from './crowd.ts';
import { type Ending, finish } from './finish.ts';
import { testGate } from './gate.ts';
import { loadDeployment } from './load.ts';
import { type Failure, type Outcome, reasonOf } from './outcome.ts';
import { makeRelease, noteStack, recordRevision, targetOfDraft, targetOfRelease } from './releasing.ts';
import { removeStack } from './removing.ts';
import { returnToStable } from './return.ts';
import { step } from './runtime.ts';
import { enterStage } from './stage.ts';
import { verifyTarget } from './verify.ts';

export type RunDeployment = (id: number) => Promise<void>;

/**
 * The way of a commit as one durable workflow: load → build → test → release → plan → rollout → verify; on any failure after
 * the first change the whole stack goes back to its last stable release. Killed anywhere, it goes on where it was.
 */
export function defineDeployment(context: Context, buildService: BuildService): RunDeployment {
  const run = async (id: number): Promise<void> => {
    const claimed = await step('claim', () => context.store.transaction((tx) => claimDeployment(tx, id)));
    if (!claimed.ok || claimed.value === null) return;
    const ending = await courseOf(context, buildService, claimed.value);
    await step('finish', () => finish(context, id, ending));
  };
  return DBOS.registerWorkflow(run, { name: 'deployment' });
}

async function courseOf(context: Context, buildService: BuildService, deployment: Deployment): Promise<Ending> {
  if (deployment.kind === 'remove') return removal(context, deployment);
  const prepared =
    deployment.release === null
      ? await prepare(context, buildService, deployment)
      : await step('target', () => targetOfRelease(context, deployment));
  if (!prepared.ok) return stopped(prepared.failure);
  return rollOut(context, deployment);
}

async function removal(context: Context, deployment: Deployment): Promise<Ending> {
  const removed = await step('remove', (signal) => removeStack(context, deployment, signal), { timeoutMs: 600_000 });
  return removed.ok ? { status: 'succeeded', reason: null, services: [] } : stopped(removed.failure);
}

/** From the commit to a release of what was tested. Nothing of the live stack is touched. */
async function prepare(
  context: Context,
  buildService: BuildService,
  deployment: Deployment,
): Promise<Outcome<unknown>> {
  const { id, cluster } = deployment;
  const signal = cancelSignal(id);
  const alone = await step('crowd', (stop) => awaitEndOfCrowd(context, id, stop), { signal });
  if (!alone.ok) return alone;
  const entered = await enterStage(context, id, 'building');
  if (!entered.ok) return entered;
  const loaded = await step('load', (stop) => loadDeployment(context, deployment, stop), { signal });
  if (!loaded.ok) return loaded;
  const build = await step('build begin', () => beginBuild(context, deployment));
  if (!build.ok) return build;
  const built = await buildServices(buildService, id, build.value, loaded.value.services);
  const target = built.ok
    ? await step('target', (stop) => targetOfDraft(context, deployment, stop), { signal })
    : built;
  const ended = await step('build end', () =>
    endBuildOf(context, build.value, built.ok ? target : built, built.ok ? built.value : []),
  );
  if (!target.ok) return target;
  if (!ended.ok) return ended;
  const testing = await enterStage(context, id, 'testing');
  if (!testing.ok) return testing;
  const gate = await testGate(context, { deployment: id, build: build.value, cluster });
  if (!gate.ok) return gate;
  return step('release', () => makeRelease(context, id, build.value));
}

/** From a release to a stack that runs it, or back to the one before. */
async function rollOut(context: Context, deployment: Deployment): Promise<Ending> {
  const { id, cluster } = deployment;
  const entered = await enterStage(context, id, 'deploying');
  if (!entered.ok) return stopped(entered.failure);
  const noted = await step('note stack', () => noteStack(context, deployment));
  if (!noted.ok) return stopped(noted.failure);
  const signal = cancelSignal(id);
  const brought = await bring(context, { deployment: id, attempt: 'forward', cluster, signal });
  const verifying = brought.ok ? await enterStage(context, id, 'verifying') : brought;
  const verified = verifying.ok
    ? await step('verify', (stop) => verifyTarget(context, id, 'forward', stop), { signal })
    : verifying;
  if (!brought.ok || !verified.ok)
    return returnToStable(context, deployment, brought.ok ? failureIn(verified) : brought.failure);
  const recorded = await step('stable', (stop) => recordRevision(context, deployment, stop));
  return recorded.ok
    ? { status: 'succeeded', reason: noteOf(brought.value.unchecked), services: brought.value.changed }
    : stopped(recorded.failure);
}

const failureIn = (outcome: Outcome<unknown>): Failure =>
  outcome.ok ? { code: 'internal', message: 'no failure', hint: null } : outcome.failure;

const noteOf = (unchecked: readonly string[]): string | null =>
  unchecked.length === 0 ? null : `running, unchecked (no health check): ${unchecked.join(', ')}`;

function stopped(failure: Failure): Ending {
  const status =
    failure.code === 'deployment.superseded'
      ? 'superseded'
      : failure.code === 'deployment.cancelled'
        ? 'cancelled'
        : 'failed';
  return { status, reason: reasonOf(failure), services: [] };
}
