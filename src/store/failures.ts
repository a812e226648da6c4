import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SlipwayError } from '#domain/errors.ts';

/** Node's codes for a server that is not there, or goes away, or whose socket file is gone. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs that pass: shutdown, crash, start-up, too many connections, serialisation, deadlock, lock time-out, and a
 * standby that cannot write yet. Class 08 is a lost connection. (PostgreSQL manual, appendix A.)
 */
const passingStates = new Set(['57P01', '57P02', '57P03', '53300', '40001', '40P01', '55P03', '25006']);

/** What the driver says without any code (pg 8.23: client.js, pg-pool 3). */
const driverTexts =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after|connection timeout|Query read timeout)/i;

/** `true` where the same work may go well in a moment, because of where the database is and not of what was asked. */
export function isTransient(thrown: unknown): boolean {
  if (thrown instanceof AggregateError) return thrown.errors.some(isTransient);
  if (!(thrown instanceof Error)) return false;
  if (thrown instanceof SlipwayError) return thrown.code === 'store.unavailable';
  const code = 'code' in thrown ? thrown.code : undefined;
  if (typeof code === 'string')
    return networkCodes.has(code) || passingStates.has(code) || /^08[0-9A-Z]{3}$/.test(code);
  return driverTexts.test(thrown.message);
}

export interface RetryOptions {
  /** Gives up so long after the first try, in ms. Default 90 s: a database may be away for a minute. */
  readonly forMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Does the work, and again while the database is away: after 50 ms, then twice as long up to 2 s. The work must be one
 * that may be done twice (a read, or a transaction that looks before it writes): a lost connection does not tell
 * whether a commit arrived.
 * @throws SlipwayError `store.unavailable` at last, `disk.full` at once; what is no trouble of the database's as it is.
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const until = Date.now() + (options.forMs ?? 90_000);
  for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await work();
    } catch (thrown) {
      if (!isTransient(thrown) || Date.now() + pause > until || options.signal?.aborted) throw worded(thrown);
    }
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** The error a person reads for what the driver threw. Anything that is not the database's own trouble stays. */
export function worded(thrown: unknown): unknown {
  if (thrown instanceof SlipwayError) return thrown;
  if (isTransient(thrown))
    return new SlipwayError(
      'store.unavailable',
      `the database cannot be reached: ${messageOf(thrown)}`,
      'check that PostgreSQL runs; Slipway goes on by itself once it is back',
      thrown,
    );
  if (thrown instanceof Error && 'code' in thrown && thrown.code === '53100')
    return new SlipwayError(
      'disk.full',
      `the database has no room: ${thrown.message}`,
      'free space on its disk',
      thrown,
    );
  return thrown;
}
