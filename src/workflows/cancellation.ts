import { SlipwayError } from '#domain/errors.ts';

const running = new Map<number, AbortController>();

/** The signal that stops a deployment's acts. The wish itself stands in the database; this only makes it fast. */
export const cancelSignal = (deployment: number): AbortSignal => controllerOf(deployment).signal;

function controllerOf(deployment: number): AbortController {
  const known = running.get(deployment) ?? new AbortController();
  running.set(deployment, known);
  return known;
}

/** Stops what this server does for a deployment now. The caller has recorded the wish before. */
export function cancelNow(deployment: number): void {
  controllerOf(deployment).abort(new SlipwayError('deployment.cancelled', 'cancelled'));
}

/** Once a deployment is over nobody asks for its signal any more. */
export function forgetCancellation(deployment: number): void {
  running.delete(deployment);
}
