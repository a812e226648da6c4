import { type Key, seal, unseal } from './sealing.ts';
import type { Db } from './tables.ts';

const place = (deployment: number) => ['drafts', String(deployment)];

/** Keeps what was loaded for a deployment, sealed: it holds secrets. The first one stays: a retried step changes nothing. */
export async function saveDraft(db: Db, key: Key, deployment: number, draft: unknown): Promise<void> {
  await db
    .insertInto('drafts')
    .values({ deployment, draft: seal(key, place(deployment), JSON.stringify(draft)) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** `null`: nothing was loaded for it. */
export async function findDraft(db: Db, key: Key, deployment: number): Promise<unknown> {
  const row = await db.selectFrom('drafts').select('draft').where('deployment', '=', deployment).executeTakeFirst();
  return row ? JSON.parse(unseal(key, place(deployment), row.draft)) : null;
}
