/** Why a deployment was asked for. */
export type DeploymentKind = 'push' | 'deploy' | 'rollback' | 'remove';

/** What is brought to an engine for a deployment: its test stack, the stack itself, or the stack's way back. */
export type Attempt = 'test' | 'forward' | 'back';

/** Where a deployment is. The last five are final: nothing follows them. */
export const deploymentStatuses = [
  'queued',
  'building',
  'testing',
  'deploying',
  'verifying',
  'rolling-back',
  'succeeded',
  'failed',
  'rolled-back',
  'cancelled',
  'superseded',
] as const;
export type DeploymentStatus = (typeof deploymentStatuses)[number];

export type FinalStatus = 'succeeded' | 'failed' | 'rolled-back' | 'cancelled' | 'superseded';

/** `true` once nothing of the deployment will happen any more. */
export function isFinal(status: DeploymentStatus): status is FinalStatus {
  switch (status) {
    case 'succeeded':
    case 'failed':
    case 'rolled-back':
    case 'cancelled':
    case 'superseded':
      return true;
    default:
      return false;
  }
}
