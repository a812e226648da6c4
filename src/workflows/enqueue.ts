import { DBOS } from '@dbos-inc/dbos-sdk';
import { z } from 'zod';
import { isFinal } from '#domain/deployment.ts';
import {
  cancelRequested,
  createDeployment,
  type Deployment,
  getDeployment,
  type NewDeployment,
  openDeployments,
  supersedeOlder,
} from '#store/deployments.ts';
import { type IdempotentRequest, keptResponse, once } from '#store/idempotency.ts';
import type { Tx } from '#store/tables.ts';
import { cancelNow } from './cancellation.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { deploymentQueue, takeWaiting } from './queue.ts';

/**
 * Queues a deployment on its stack's lease; those of the stack that still wait are superseded. The row comes first: a server
 * that dies before the library knows of it finds it again at its next start. The row and the `request`'s key are written in
 * one transaction: the same key gives the same deployment, at the same time and after a crash too.
 * @throws SlipwayError `idempotency.mismatch`
 */
export async function enqueueDeployment(
  context: Context,
  run: RunDeployment,
  wanted: NewDeployment,
  request: IdempotentRequest | null = null,
): Promise<Deployment> {
  const deployment = await context.store.transaction(async (tx) => {
    if (request === null) return queueDeployment(tx, wanted);
    const kept = await once(tx, request, async () => ({
      status: 202,
      response: { deployment: (await queueDeployment(tx, wanted)).id },
    }));
    return getDeployment(tx, deploymentIn(kept.response));
  });
  await handOver(run, deployment);
  return deployment;
}

/** Queues it in the caller's transaction; `handOver` follows once that is committed. */
export async function queueDeployment(tx: Tx, wanted: NewDeployment): Promise<Deployment> {
  const made = await createDeployment(tx, wanted);
  await supersedeOlder(tx, made.stack, made.id);
  return made;
}

/**
 * The deployment that a request has made before; `null` when it is new. Asked before anything is looked at: what is there
 * now may answer a repeated request otherwise than its first time. @throws SlipwayError `idempotency.mismatch`
 */
export async function madeBefore(
  context: Context,
  run: RunDeployment,
  request: IdempotentRequest | null,
): Promise<Deployment | null> {
  if (request === null) return null;
  const kept = await context.store.read((db) => keptResponse(db, request));
  if (kept === null) return null;
  const deployment = await context.store.read((db) => getDeployment(db, deploymentIn(kept.response)));
  if (!isFinal(deployment.status)) await handOver(run, deployment);
  return deployment;
}

const deploymentIn = (response: unknown): number => z.object({ deployment: z.number() }).parse(response).deployment;

/**
 * Hands every open deployment that the library does not know to it. @returns those whose workflow has ended though they
 * are open: nothing goes on with them.
 */
export async function resumeDeployments(context: Context, run: RunDeployment): Promise<readonly Deployment[]> {
  const lost: Deployment[] = [];
  for (const deployment of await context.store.read((db) => openDeployments(db))) {
    const known = await DBOS.getWorkflowStatus(workflowId(deployment.id));
    if (known === null) await handOver(run, deployment);
    else if (!isGoing.has(known.status)) lost.push(deployment);
  }
  return lost;
}

const isGoing: ReadonlySet<string> = new Set(['PENDING', 'ENQUEUED', 'DELAYED']);
const workflowId = (deployment: number): string => `deployment-${deployment}`;

/** Gives a queued deployment to the library, which begins it at once where its stack is free; one that it knows is left as it is. */
export async function handOver(run: RunDeployment, { id, stack }: Deployment): Promise<void> {
  await DBOS.startWorkflow(run, {
    workflowID: workflowId(id),
    queueName: deploymentQueue,
    enqueueOptions: { queuePartitionKey: stack },
  })(id);
  await takeWaiting();
}

/** A wish to cancel holds over a restart: what resumes is told at once. Call it before the runtime starts. */
export async function cancelAgain(context: Context): Promise<void> {
  for (const { id } of await context.store.read((db) => openDeployments(db)))
    if (await context.store.read((db) => cancelRequested(db, id))) cancelNow(id);
}
