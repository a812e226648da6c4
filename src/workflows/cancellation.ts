const running = new Map<number, AbortController>();

/** The signal that stops a deployment's acts. The wish itself stands in the database; this only makes it fast. */
export function cancelSignal(deployment: number): AbortSignal {
  const known = running.get(deployment) ?? new AbortController();
  running.set(deployment, known);
  return known.signal;
}

/** Stops what this server does for a deployment now. The caller has recorded the wish before. */
export function cancelNow(deployment: number): void {
  running.get(deployment)?.abort(new Error('cancelled'));
}

export function forgetCancellation(deployment: number): void {
  running.delete(deployment);
}
