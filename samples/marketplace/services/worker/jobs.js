import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {{ type: string, id: string, category: string, at: number, tries?: number }} Job
 * @typedef {import('@redis/client').RedisClientType<{}, {}, {}, 3, {}>} Cache
 */

const QUEUE = 'jobs';
const TAKEN = 'jobs:taken';
const GIVEN_UP = 'jobs:given-up';
const WAIT_SECONDS = 2;
/** A job still taken after this time failed, or its worker died. Jobs may run twice: each counts anew. */
const LOST_MS = 60_000;
const MOST_TRIES = 5;

/** Takes jobs one by one; a job leaves the list of taken ones only when it is done.
 * @param {Cache} cache @param {Cache} hand a connection of its own, which blocks @param {(job: Job) => Promise<void>} work */
export function jobsOn(cache, hand, work) {
  let ending = false;
  let done = 0;
  let failed = 0;
  /** @type {Promise<void>} */
  let loop = Promise.resolve();

  /** @param {string} text */
  const carryOut = async (text) => {
    try {
      await work(JSON.parse(text));
      done += 1;
    } catch (error) {
      failed += 1;
      console.error(`job ${text}:`, error instanceof Error ? error.message : error);
      return;
    }
    await cache.lRem(TAKEN, 1, text);
  };

  const takeJobs = async () => {
    while (!ending) {
      try {
        const text = await hand.blMove(QUEUE, TAKEN, 'RIGHT', 'LEFT', WAIT_SECONDS);
        if (text) await carryOut(text);
      } catch (error) {
        if (!ending) console.error('queue:', error instanceof Error ? error.message : error);
        await sleep(500);
      }
    }
  };

  return {
    begin() {
      loop = takeJobs();
    },

    /** Finishes the job in hand. */
    async end() {
      ending = true;
      await loop;
      if (hand.isOpen) hand.destroy();
    },

    /** @param {number} now ms since the epoch */
    async takeUpLost(now = Date.now()) {
      let back = 0;
      for (const text of await cache.lRange(TAKEN, 0, -1)) {
        const job = JSON.parse(text);
        if (now - job.at < LOST_MS) continue;
        if ((await cache.lRem(TAKEN, 1, text)) === 0) continue;
        const tries = (job.tries ?? 1) + 1;
        await cache.lPush(tries > MOST_TRIES ? GIVEN_UP : QUEUE, JSON.stringify({ ...job, at: now, tries }));
        back += 1;
      }
      return back;
    },

    figures: async () => ({ done, failed, waiting: await cache.lLen(QUEUE), taken: await cache.lLen(TAKEN) }),
  };
}
