import { setTimeout as pause } from 'node:timers/promises';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { mayPass } from './outcome.ts';

const longestPauseMs = 2000;

/**
 * Does `act`, again while it fails by what may pass by itself (an engine that does not answer), until `deadline` (ms since
 * the epoch). `act` may run more than once. @throws SlipwayError `deploy.failed` with the last reason, when time is up.
 */
export async function untilDeadline<T>(deadline: number, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  for (let pauseMs = 200; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await act();
    } catch (thrown) {
      if (!mayPass(thrown) || signal.aborted) throw thrown;
      if (Date.now() + pauseMs >= deadline)
        throw new SlipwayError(
          'deploy.failed',
          `not done by its deadline: ${messageOf(thrown)}`,
          thrown instanceof SlipwayError ? thrown.hint : undefined,
          thrown,
        );
    }
    await pause(pauseMs, undefined, { signal });
  }
}
