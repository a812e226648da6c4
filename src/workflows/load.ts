import { SlipwayError } from '#domain/errors.ts';
import type { Deployment } from '#store/deployments.ts';
import { saveDraft } from '#store/drafts.ts';
import { checkDraft } from './check-draft.ts';
import type { Context } from './context.ts';
import { loadCommit } from './load-commit.ts';
import { pinImages } from './resolve.ts';

/**
 * Loads what a deployment's commit says and keeps it, so that a variable changed meanwhile changes nothing half-way. What the
 * engine cannot do is told here, and others' images that are not to be had, before anything is built. @returns the services to build.
 */
export async function loadDeployment(
  context: Context,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<{ readonly services: readonly string[] }> {
  const { project, environment, commit, cluster, id, stack } = deployment;
  if (commit === null) throw new SlipwayError('internal', `deployment ${id} has no commit`);
  const adapters = await context.cluster(cluster);
  const draft = await loadCommit(context, { project, environment, commit, artifacts: adapters.builder.kind }, signal);
  if (draft.spec.name !== stack)
    throw new SlipwayError('conflict', `the commit names its stack '${draft.spec.name}', not '${stack}'`);
  const pinning = pinImages(context, adapters, draft, { pull: isPull(deployment), keep: true }, signal);
  // it is waited for below, once what is refused has been said
  pinning.catch(() => undefined);
  const refused = (await checkDraft(adapters, draft, signal)).filter((finding) => finding.level === 'refused');
  if (refused.length > 0)
    throw new SlipwayError(
      'plan.refused',
      refused.map((finding) => `${finding.service ?? 'stack'}: ${finding.message}`).join('\n'),
      `cluster '${cluster}' (${adapters.engine.kind}) cannot run this: change it, or deploy to another cluster`,
    );
  await pinning;
  await context.store.transaction((tx) => saveDraft(tx, context.store.key, id, draft));
  return { services: draft.builds.map((build) => build.request.service) };
}

/** Whether others' tags are to be looked up again. */
const isPull = ({ options }: Deployment): boolean => (options as { readonly pull?: boolean } | null)?.pull === true;
