import type { DeploymentStatus } from '#domain/deployment.ts';
import { SlipwayError } from '#domain/errors.ts';
import { getDeployment, newestDeployment, setDeploymentStatus } from '#store/deployments.ts';
import type { Context } from './context.ts';
import { failpoint } from './failpoint.ts';

/**
 * Moves a deployment to its next stage, unless somebody cancelled it or, before the stack is touched, a newer one waits: a
 * build that ends late never deploys over a newer push. The beginning of a step: a second time does nothing.
 * @throws SlipwayError `deployment.cancelled`, `deployment.superseded`
 */
export async function enterStage(context: Context, id: number, status: DeploymentStatus): Promise<void> {
  failpoint(`stage ${status}:before`);
  await context.store.transaction(async (tx) => {
    const deployment = await getDeployment(tx, id);
    if (deployment.cancelRequestedAt !== null) throw new SlipwayError('deployment.cancelled', 'cancelled');
    const newest = await newestDeployment(tx, deployment.stack);
    if (status !== 'verifying' && newest !== null && newest.id > id)
      throw new SlipwayError('deployment.superseded', `deployment ${newest.id} is newer`);
    await setDeploymentStatus(tx, id, status);
  });
  failpoint(`stage ${status}:after`);
}
