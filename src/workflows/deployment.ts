import { DBOS } from '@dbos-inc/dbos-sdk';
import { claimDeployment, type Deployment } from '#store/deployments.ts';
import { carryOut, planStep } from './bring.ts';
import { type BuildService, type Built, buildServices } from './build.ts';
import { beginBuild, endBuildOf } from './building.ts';
import { cancelSignal } from './cancellation.ts';
import type { Context } from './context.ts';
import { awaitEndOfCrowd } from './crowd.ts';
import { failpoint } from './failpoint.ts';
import { type Ending, finish } from './finish.ts';
import { beginTests, type GateOrder, testGate } from './gate.ts';
import { loadDeployment } from './load.ts';
import { type Failure, type Outcome, reasonOf } from './outcome.ts';
import { takeNext } from './queue.ts';
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
    const begun = await step('begin', (stop) => begin(context, id, stop), { signal: cancelSignal(id) });
    const ending = begun.ok ? await courseOf(context, buildService, begun.value) : stopped(begun.failure);
    if (ending !== null) await step('finish', () => finish(context, id, ending));
    takeNext();
  };
  return DBOS.registerWorkflow(run, { name: 'deployment' });
}

/** A deployment that was taken from the queue, with what is to be built of it. */
interface Begun {
  readonly deployment: Deployment;
  /** `null`: nothing is, since it is a release's, or removes a stack. */
  readonly loaded: Loaded | null;
}

interface Loaded {
  readonly services: readonly string[];
  readonly build: number;
}

/** Takes the deployment from the queue and loads its commit. @returns `null` for one that is over. */
async function begin(context: Context, id: number, signal: AbortSignal): Promise<Begun | null> {
  const deployment = await context.store.transaction((tx) => claimDeployment(tx, id));
  failpoint('claimed');
  if (deployment === null) return null;
  const isBuilt = deployment.kind !== 'remove' && deployment.release === null;
  return { deployment, loaded: isBuilt ? await load(context, deployment, signal) : null };
}

async function courseOf(context: Context, buildService: BuildService, begun: Begun | null): Promise<Ending | null> {
  if (begun === null) return null;
  const { deployment, loaded } = begun;
  if (deployment.kind === 'remove') return removal(context, deployment);
  if (loaded === null) return rollOut(context, deployment, (stop) => targetOfRelease(context, deployment, stop));
  const prepared = await prepare(context, buildService, deployment, loaded);
  if (!prepared.ok) return stopped(prepared.failure);
  return rollOut(context, deployment, () => makeRelease(context, deployment.id, loaded.build));
}

async function removal(context: Context, deployment: Deployment): Promise<Ending> {
  const removed = await step('remove', (signal) => removeStack(context, deployment, signal), { timeoutMs: 600_000 });
  return removed.ok ? { status: 'succeeded', reason: null, services: [] } : stopped(removed.failure);
}

/** From the commit to what is built and tested. Nothing of the live stack is touched. */
async function prepare(
  context: Context,
  buildService: BuildService,
  deployment: Deployment,
  { build, services }: Loaded,
): Promise<Outcome<null>> {
  const { id, cluster } = deployment;
  const built = await buildServices(buildService, id, build, services);
  const order = { deployment: id, build, cluster };
  const target = built.ok
    ? await step('target', (stop) => endWithTarget(context, deployment, order, built.value, stop), {
        signal: cancelSignal(id),
      })
    : built;
  if (!target.ok) {
    const ended = await step('build end', () => endBuildOf(context, build, target, built.ok ? built.value : []));
    return ended.ok ? target : ended;
  }
  return target.value.tests === null ? { ok: true, value: null } : testGate(context, order, target.value.tests);
}

/** What is to be built of the deployment's commit, and the build that it is built in. */
async function load(context: Context, deployment: Deployment, signal: AbortSignal): Promise<Loaded> {
  const { id } = deployment;
  await awaitEndOfCrowd(context, id, signal);
  await enterStage(context, id, 'building');
  const { services } = await loadDeployment(context, deployment, signal);
  failpoint('loaded');
  return { services, build: await beginBuild(context, deployment) };
}

/** Ends the build with what is to run of it, and begins its tests. @returns their run; `null` where no service declares tests */
async function endWithTarget(
  context: Context,
  deployment: Deployment,
  order: GateOrder,
  built: readonly Built[],
  signal: AbortSignal,
): Promise<{ readonly tests: number | null }> {
  await targetOfDraft(context, deployment, signal);
  failpoint('targeted');
  await endBuildOf(context, order.build, { ok: true, value: null }, built);
  failpoint('built');
  return { tests: await beginTests(context, order) };
}

/** From a release to a stack that runs it, or back to the one before. @param release records what is to run */
async function rollOut(
  context: Context,
  deployment: Deployment,
  release: (signal: AbortSignal) => Promise<unknown>,
): Promise<Ending> {
  const { id, cluster } = deployment;
  const signal = cancelSignal(id);
  const order = { deployment: id, attempt: 'forward', cluster, signal } as const;
  const planned = await planStep(context, order, async (stop) => {
    await release(stop);
    await enterStage(context, id, 'deploying');
    await noteStack(context, deployment);
    failpoint('released');
  });
  // nothing was changed yet: there is nothing to take back
  if (!planned.ok) return stopped(planned.failure);
  const brought = await carryOut(context, order, planned.value);
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
