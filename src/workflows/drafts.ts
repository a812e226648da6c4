import { SlipwayError } from '#domain/errors.ts';
import { findDraft } from '#store/drafts.ts';
import type { Context } from './context.ts';
import type { Draft } from './draft.ts';

/** What was loaded for a deployment. */
export async function draftOf(context: Context, deployment: number): Promise<Draft> {
  const found = await context.store.read((db) => findDraft(db, context.store.key, deployment));
  if (found === null) throw new SlipwayError('internal', `deployment ${deployment} was not loaded`);
  return found as Draft;
}
