import { SlipwayError } from '#domain/errors.ts';
import { resolveArtifacts } from '#domain/stack/artifacts.ts';
import type { Artifact, StackSpec } from '#domain/stack/spec.ts';
import { findArtifact } from '#store/artifacts.ts';
import { listPins, savePin } from '#store/pins.ts';
import type { ClusterAdapters, Context } from './context.ts';
import type { Draft } from './draft.ts';

export interface ResolveOptions {
  /** Look others' tags up again, though their text did not change. */
  readonly pull: boolean;
  /** Keep what was found out; a plan only looks. */
  readonly keep: boolean;
}

/**
 * The specification with what it is to run: built artifacts by their key, others' images pinned when first seen, so that a
 * push never restarts somebody's PostgreSQL. What is not built yet stays a key.
 */
export async function resolveSpec(
  context: Context,
  adapters: ClusterAdapters,
  draft: Draft,
  options: ResolveOptions,
  signal: AbortSignal,
): Promise<StackSpec> {
  const built = await builtArtifacts(context, draft);
  const pinned = await pinnedImages(context, adapters, draft, options, signal);
  return resolveArtifacts(draft.spec, new Map([...pinned, ...built]));
}

async function builtArtifacts(context: Context, draft: Draft): Promise<ReadonlyMap<string, Artifact>> {
  const found = await Promise.all(
    draft.builds.map(async ({ key, kind, request }) => {
      const at = { project: draft.spec.project, kind, service: request.service, key };
      const row = await context.store.read((db) => findArtifact(db, at));
      return row ? [[request.service, withCommit(row.artifact, row.commit)] as const] : [];
    }),
  );
  return new Map(found.flat());
}

const withCommit = (artifact: Artifact, commit: string): Artifact =>
  artifact.kind === 'image' || artifact.kind === 'checkout' ? { ...artifact, commit } : artifact;

async function pinnedImages(
  context: Context,
  adapters: ClusterAdapters,
  draft: Draft,
  options: ResolveOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Artifact>> {
  const { project, environment } = draft.spec;
  const known = await context.store.read((db) => listPins(db, project, environment));
  const built = new Set(draft.builds.map((build) => build.request.service));
  const images = new Map<string, Artifact>();
  if (adapters.images === null) return images;
  for (const { name: service, artifact } of draft.spec.services) {
    if (artifact.kind !== 'image' || built.has(service)) continue;
    const { reference } = artifact;
    const seen = known.find((pin) => pin.service === service && pin.reference === reference);
    const pinned = seen && !options.pull ? seen.pinned : await pinOf(adapters, service, reference, signal);
    if (options.keep && pinned !== seen?.pinned)
      await context.store.transaction((tx) => savePin(tx, { project, environment, service, reference, pinned }));
    images.set(service, { ...artifact, pinned });
  }
  return images;
}

async function pinOf(
  adapters: ClusterAdapters,
  service: string,
  reference: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    if (adapters.images === null) return reference;
    return await adapters.images.pin(reference, signal);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError(thrown.code, `service '${service}': ${thrown.message}`, thrown.hint, thrown);
  }
}
