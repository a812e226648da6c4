import type { FinalStatus } from '#domain/deployment.ts';
import { mask } from '#domain/secret.ts';
import { getDeployment, setDeploymentStatus } from '#store/deployments.ts';
import { findDraft } from '#store/drafts.ts';
import { eventsAfter } from '#store/events.ts';
import { forgetCancellation } from './cancellation.ts';
import { type Context, secretsOf } from './context.ts';
import type { Draft } from './draft.ts';
import { notify } from './notices.ts';

/** How a deployment ended. `services`: those that changed. */
export interface Ending {
  readonly status: FinalStatus;
  readonly reason: string | null;
  readonly services: readonly string[];
}

/** Records the end with its event and the notices about it, in one transaction; a second time does nothing. */
export async function finish(context: Context, id: number, ending: Ending): Promise<null> {
  const { store } = context;
  const deployment = await store.read((db) => getDeployment(db, id));
  const secrets = await secretsOf(context, deployment.project);
  const draft = (await store.read((db) => findDraft(db, store.key, id))) as Draft | null;
  await store.transaction(async (tx) => {
    const moved = await setDeploymentStatus(
      tx,
      id,
      ending.status,
      ending.reason === null ? null : mask(ending.reason, secrets),
    );
    if (!moved) return;
    const [event] = await eventsAfter(tx, 0, { deployment: id, types: [`deployment.${ending.status}`] });
    await notify(tx, context, draft?.notify ?? [], event ?? null, ending.services);
  });
  forgetCancellation(id);
  return null;
}
