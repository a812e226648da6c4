import { DBOS } from '@dbos-inc/dbos-sdk';
import { claimDeployment, type Deployment } from '#store/deployments.ts';
import { bring } from './bring.ts';
import { type BuildService, type Built, buildServices } from './build.ts';
import { beginBuild, endBuildOf } from './building.ts';
import { cancelSignal } from './cancellation.ts';
import type { Context } from './context.ts';
import { awaitEndOfCrowd } from './crowd.ts';
import { failpoint } from './failpoint.ts';
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
  if (deployment.release !== null) return rollOut(context, deployment, () => targetOfRelease(context, deployment));
  const prepared = await prepare(context, buildService, deployment);
  if (!prepared.ok) return stopped(prepared.failure);
  return rollOut(context, deployment, () => makeRelease(context, deployment.id, prepared.value));
}

async function removal(context: Context, deployment: Deployment): Promise<Ending> {
  const removed = await step('remove', (signal) => removeStack(context, deployment, signal), { timeoutMs: 600_000 });
  return removed.ok ? { status: 'succeeded', reason: null, services: [] } : stopped(removed.failure);
}

/** From the commit to what is built and tested. Nothing of the live stack is touched. @returns the build's id */
async function prepare(context: Context, buildService: BuildService, deployment: Deployment): Promise<Outcome<number>> {
  const { id, cluster } = deployment;
  const signal = cancelSignal(id);
  const loaded = await step('load', (stop) => load(context, deployment, stop), { signal });
  if (!loaded.ok) return loaded;
  const { build, services } = loaded.value;
  const built = await buildServices(buildService, id, build, services);
  const target = built.ok
    ? await step('target', (stop) => endWithTarget(context, deployment, build, built.value, stop), { signal })
    : built;
  if (!target.ok) {
    const ended = await step('build end', () => endBuildOf(context, build, target, built.ok ? built.value : []));
    return ended.ok ? target : ended;
  }
  const gate = await testGate(context, { deployment: id, build, cluster });
  return gate.ok ? { ok: true, value: build } : gate;
}

/** What is to be built of the deployment's commit, and the build that it is built in. */
async function load(context: Context, deployment: Deployment, signal: AbortSignal) {
  const { id } = deployment;
  await awaitEndOfCrowd(context, id, signal);
  await enterStage(context, id, 'building');
  const { services } = await loadDeployment(context, deployment, signal);
  failpoint('loaded');
  return { services, build: await beginBuild(context, deployment) };
}

async function endWithTarget(
  context: Context,
  deployment: Deployment,
  build: number,
  built: readonly Built[],
  signal: AbortSignal,
): Promise<null> {
  await targetOfDraft(context, deployment, signal);
  failpoint('targeted');
  return endBuildOf(context, build, { ok: true, value: null }, built);
}

/** From a release to a stack that runs it, or back to the one before. @param release records what is to run */
async function rollOut(context: Context, deployment: Deployment, release: () => Promise<unknown>): Promise<Ending> {
  const { id, cluster } = deployment;
  const entered = await step('release', async () => {
    await release();
    await enterStage(context, id, 'deploying');
    return noteStack(context, deployment);
  });
  if (!entered.ok) return stopped(entered.failure);
  const signal = cancelSignal(id);
  const brought = await bring(context, { deployment: id, attempt: 'forward', cluster, signal });
  const verified = brought.ok ? await step('verify', (stop) => verify(context, id, stop), { signal }) : brought;
  if (!brought.ok || !verified.ok)
    return returnToStable(context, deployment, brought.ok ? failureIn(verified) : brought.failure);
  const recorded = await step('stable', (stop) => recordRevision(context, deployment, stop));
  return recorded.ok
    ? { status: 'succeeded', reason: noteOf(brought.value.unchecked), services: brought.value.changed }
    : stopped(recorded.failure);
}

async function verify(context: Context, id: number, signal: AbortSignal): Promise<null> {
  await enterStage(context, id, 'verifying');
  return verifyTarget(context, id, 'forward', signal);
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
