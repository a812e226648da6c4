import type { Finding } from '#domain/plan/change.ts';
import type { ClusterAdapters } from './context.ts';
import type { Draft } from './draft.ts';

/** All that is to be said of a draft before anything is built: its files', its engine's, and what building here would mean. */
export async function checkDraft(
  adapters: ClusterAdapters,
  draft: Draft,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const told = await adapters.engine.check(draft.spec, signal);
  return [...draft.findings, ...told, ...(await nowhereToGo(adapters, draft, signal))];
}

/** Without a registry an image stays on the node that built it: with several nodes the others could not run it. Source: design.md, 'Artifacts'. */
async function nowhereToGo(adapters: ClusterAdapters, draft: Draft, signal: AbortSignal): Promise<readonly Finding[]> {
  if (adapters.builder.kind !== 'image' || draft.builds.length === 0) return [];
  if ((draft.registry ?? adapters.registry) !== null) return [];
  const nodes = await adapters.engine.nodes(signal);
  if (nodes.length < 2) return [];
  const message = `its image would stay on one of ${nodes.length} nodes: there is no registry; name one by \`registry:\` in slipway.yaml, or give the cluster one`;
  return draft.builds.map(({ request }) => ({ level: 'refused', service: request.service, field: 'build', message }));
}
