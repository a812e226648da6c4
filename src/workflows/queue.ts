import { AsyncResource } from 'node:async_hooks';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { type WorkflowQueue, wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';

/** The queue whose partitions are the leases on stacks: one deployment at a time in each. */
export const deploymentQueue = 'deployments';

/** How often the library looks by itself: for what another server queued, and what a look of ours came too early for. */
const pollMs = 500;
/** The library records a workflow's end after its function has returned; a record takes 2-5 ms. */
const recordedMs = 20;

let queue: WorkflowQueue | undefined;

/**
 * Begins to take deployments from the queue, each as its stack's lease is free; those that a killed server left are taken before it
 * returns. The library's runtime has been started.
 */
export async function openQueue(): Promise<void> {
  queue = await DBOS.registerQueue(deploymentQueue, {
    partitionConcurrency: 1,
    minPollingIntervalMs: pollMs,
    onConflict: 'always_update',
  });
  await takeWaiting();
}

/** Takes nothing any more. */
export function closeQueue(): void {
  queue = undefined;
}

/**
 * Takes what may begin now, without waiting for the library's next look. It is that look itself, one transaction, so two at the
 * same time take a deployment once. The library has no public way to ask for it: docs/decisions/queue.md. An error is
 * the library's to log, and its next look comes all the same.
 */
export const takeWaiting = (): Promise<void> => outside.runInAsyncScope(look);

/** What is taken belongs to no workflow, also where one that ends asks for it. */
const outside = new AsyncResource('slipway queue');

async function look(): Promise<void> {
  const executor = DBOSExecutor.globalInstance;
  // biome-ignore lint/complexity/useLiteralKeys: the compiler lets a private member be named so, and still checks it
  if (queue !== undefined && executor !== undefined) await wfQueueRunner['pollQueue'](executor, queue);
}

/** As a deployment's workflow ends: takes what waits behind it, once the end is recorded. After 200 pushes many do, one behind the other. */
export function takeNext(): void {
  setTimeout(() => void takeWaiting(), recordedMs).unref();
}
