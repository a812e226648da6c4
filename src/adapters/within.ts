import { setMaxListeners } from 'node:events';

/**
 * Limits in time that hold. Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 holds the sources of a derived signal
 * weakly, and a collected time-out never fires (measured: one collection in the half second is enough; a listener on the
 * derived signal does not help). And not the signal alone: what is asked to end may not listen, and then never returns.
 */
export interface Limit {
  readonly ms: number;
  /** How long the work may take to end by itself once it was told to; then it is left behind. Default 0: not at all. */
  readonly graceMs?: number;
  /** What is thrown, and is the signal's reason, when the time is over. */
  readonly late: () => unknown;
}

/**
 * Does `work` with a signal that ends with the caller's or after `limit.ms`. It settles by then (and the grace) whatever
 * the work does.
 * @throws the caller's reason, `limit.late()`, or what the work threw before either.
 */
export async function within<T>(
  signal: AbortSignal,
  limit: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = quietController();
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(own.signal.reason);
  });
  let grace: NodeJS.Timeout | undefined;
  const end = (reason: unknown): void => {
    if (own.signal.aborted) return;
    own.abort(reason);
    if (limit.graceMs) grace = setTimeout(leave, limit.graceMs);
    else leave();
  };
  const forward = (): void => end(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => end(limit.late()), Math.min(limit.ms, longestTimerMs));
  try {
    return await Promise.race([work(own.signal), left]);
  } catch (cause) {
    throw own.signal.aborted ? own.signal.reason : cause;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal.removeEventListener('abort', forward);
  }
}

/** Many may listen at once: a call for each image of a stack is no leak. */
function quietController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** A longer `setTimeout` fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** A controller whose signal also ends with the given one, until `release`: `AbortSignal.any` would keep every derived signal as long as its source lives. */
export function linkedTo(signal: AbortSignal): { readonly controller: AbortController; readonly release: () => void } {
  const controller = quietController();
  const forward = (): void => controller.abort(signal.reason);
  if (signal.aborted) forward();
  else signal.addEventListener('abort', forward, { once: true });
  return { controller, release: () => signal.removeEventListener('abort', forward) };
}
