import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from './trouble.ts';

/**
 * Waits for something to become so, asking every 100 ms.
 * @throws Trouble after `limitMs`: that `what` did not come, and why it did not the last time
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (let why = ''; ; await sleep(100, undefined, { signal })) {
    const found = await look().catch((thrown: unknown) => {
      signal.throwIfAborted();
      why = `: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      return undefined;
    });
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Trouble(`${what} did not come within ${limitMs / 1000} s${why}`);
  }
}
