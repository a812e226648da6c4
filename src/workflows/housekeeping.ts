import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '#domain/errors.ts';
import { forgetOldKeys } from '#store/idempotency.ts';
import { commitsToKeep } from '#store/keep.ts';
import { listProjects } from '#store/projects.ts';
import type { Context } from './context.ts';

const everyMs = 6 * 3_600_000;

/** Lets go, four times a day until `signal`, of what nobody needs any more: checkouts, packs, idempotency keys. A failure waits for the next time. */
export async function keepHouse(context: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted)
      await tidyAll(context, signal).catch((thrown: unknown) => context.log(`housekeeping: ${messageOf(thrown)}`));
  }
}

async function tidyAll({ store, sources }: Context, signal: AbortSignal): Promise<void> {
  await store.read((db) => forgetOldKeys(db));
  for (const { name } of await store.read((db) => listProjects(db)))
    await sources.tidy(name, await store.read((db) => commitsToKeep(db, name)), signal);
}
