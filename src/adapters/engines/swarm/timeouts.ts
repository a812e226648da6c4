/** How long one call to the engine may take, in ms. A manager cut off with the minority hangs instead of answering. */
export const callMs = 15_000;
/** Writing to a swarm whose leader was lost succeeds again after 10-13 s: measured. */
export const writeMs = 30_000;
/** Pulling the probe's image, where it is not there yet. */
export const pullMs = 120_000;
/** A manager gives a new network its driver and addresses within milliseconds. */
export const allocateMs = 10_000;
/** A network, config, secret or volume stays 'in use' until the last instance's container is gone. */
export const releaseMs = 60_000;
/** From the request of a stream to its first answer. */
export const streamMs = 15_000;

/** Waits; ends early, throwing its reason, when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Tries until `attempt` gives true, soon at first and then every half second, or throws what `late` says once `ms` have passed. */
export async function until(
  ms: number,
  signal: AbortSignal,
  attempt: () => Promise<boolean>,
  late: () => unknown,
): Promise<void> {
  const deadline = performance.now() + ms;
  for (let wait = 5; !(await attempt()); wait = Math.min(wait * 2, 500)) {
    if (performance.now() > deadline) throw late();
    await pause(wait, signal);
  }
}
