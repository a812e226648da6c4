import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for what `look` gives, looking again and again. @throws Error saying what did not come, with the last thing seen,
 * after `limitMs`.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  limitMs = 60_000,
  pauseMs = 50,
): Promise<T> {
  const end = Date.now() + limitMs;
  let trouble: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== null && seen !== false) return seen;
    } catch (thrown) {
      trouble = thrown;
    }
    if (Date.now() > end)
      throw new Error(
        `${what} did not come within ${limitMs / 1000} s`,
        trouble === undefined ? {} : { cause: trouble },
      );
    await sleep(pauseMs);
  }
}
