import { DBOS } from '@dbos-inc/dbos-sdk';
import {
  createDeployment,
  type Deployment,
  type NewDeployment,
  openDeployments,
  supersedeOlder,
} from '#store/deployments.ts';
import type { Context } from './context.ts';
import type { RunDeployment } from './deployment.ts';
import { deploymentQueue } from './runtime.ts';

/**
 * Queues a deployment on its stack's lease; those of the stack that still wait are superseded. The row comes first: a server
 * that dies before the library knows of it finds it again at its next start.
 */
export async function enqueueDeployment(
  context: Context,
  run: RunDeployment,
  wanted: NewDeployment,
): Promise<Deployment> {
  const deployment = await context.store.transaction(async (tx) => {
    const made = await createDeployment(tx, wanted);
    await supersedeOlder(tx, made.stack, made.id);
    return made;
  });
  await hand(run, deployment);
  return deployment;
}

/** Hands every open deployment to the library again; one that it knows already is left as it is. */
export async function resumeDeployments(context: Context, run: RunDeployment): Promise<void> {
  for (const deployment of await context.store.read((db) => openDeployments(db))) await hand(run, deployment);
}

async function hand(run: RunDeployment, { id, stack }: Deployment): Promise<void> {
  await DBOS.startWorkflow(run, {
    workflowID: `deployment-${id}`,
    queueName: deploymentQueue,
    enqueueOptions: { queuePartitionKey: stack },
  })(id);
}
