import type { ImageResolver } from '#adapters/builds/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import { resolveArtifacts } from '#domain/stack/artifacts.ts';
import type { Artifact, StackSpec } from '#domain/stack/spec.ts';
import { findArtifact } from '#store/artifacts.ts';
import { listPins, savePin } from '#store/pins.ts';
import type { ClusterAdapters, Context } from './context.ts';
import type { Draft } from './draft.ts';
import { failuresOf, sideBySide } from './side-by-side.ts';

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
  const pinned = await pinImages(context, adapters, draft, options, signal);
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

/** How many references are looked up side by side. */
const lookUps = 8;

/**
 * Others' images by service, each as it was pinned when first seen. @throws SlipwayError naming the first service whose image is
 * not to be had
 */
export async function pinImages(
  context: Context,
  adapters: ClusterAdapters,
  draft: Draft,
  options: ResolveOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Artifact>> {
  const { project, environment } = draft.spec;
  const { images } = adapters;
  if (images === null) return new Map();
  const known = await context.store.read((db) => listPins(db, project, environment));
  const built = new Set(draft.builds.map((build) => build.request.service));
  const wanted = draft.spec.services.flatMap(({ name: service, artifact }) => {
    if (artifact.kind !== 'image' || built.has(service)) return [];
    const seen = known.find((pin) => pin.service === service && pin.reference === artifact.reference);
    return [{ service, artifact, before: seen?.pinned, kept: options.pull ? undefined : seen?.pinned }];
  });
  const unknown = wanted.filter((item) => item.kept === undefined);
  const found = await lookUp(images, unknown, signal);
  const pins = wanted.map((item) => ({
    ...item,
    pinned: item.kept ?? found.get(item.artifact.reference) ?? item.artifact.reference,
  }));
  const changed = pins.filter((item) => item.pinned !== item.before);
  if (options.keep && changed.length > 0)
    await context.store.transaction(async (tx) => {
      for (const { service, artifact, pinned } of changed)
        await savePin(tx, { project, environment, service, reference: artifact.reference, pinned });
    });
  return new Map(pins.map(({ service, artifact, pinned }) => [service, { ...artifact, pinned }]));
}

/** Each reference once, some side by side. @throws SlipwayError naming the first service whose image is not to be had */
async function lookUp(
  images: ImageResolver,
  wanted: readonly { readonly service: string; readonly artifact: { readonly reference: string } }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  // the first service that names a reference is the one that a failure names
  const services = new Map([...wanted].reverse().map((item) => [item.artifact.reference, item.service]));
  const found = new Map<string, string>();
  const ended = await sideBySide([...services].reverse(), lookUps, async ([reference, service]) => {
    found.set(reference, await pinOf(images, service, reference, signal));
  });
  const [failure] = failuresOf(ended);
  if (failure !== undefined) throw failure;
  return found;
}

async function pinOf(images: ImageResolver, service: string, reference: string, signal: AbortSignal): Promise<string> {
  try {
    return await images.pin(reference, signal);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError(thrown.code, `service '${service}': ${thrown.message}`, thrown.hint, thrown);
  }
}
