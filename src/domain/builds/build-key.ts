import { hashOf } from '../stack/hash.ts';
import type { LocalSettings } from '../stack/spec.ts';
import type { BuildRequest, TreeEntry } from './build-request.ts';

export interface BuildInputs {
  readonly kind: 'image' | 'checkout';
  readonly request: BuildRequest;
  /** The files of the context, `.dockerignore` applied, and of everything else that counts (`inputsOf`). */
  readonly files: readonly TreeEntry[];
  readonly local: Pick<LocalSettings, 'directory' | 'install'> | null;
}

/**
 * The identity of what a build makes: a hash of its inputs, never of its outputs. Files count by git's object id and mode, so
 * the key is the same in every checkout of a tree, and a commit that touches nothing of it builds nothing. Base images do
 * not count: they are looked up when something is built. Source: design.md, 'Artifacts'; requirement 1.5.
 */
export function buildKey(inputs: BuildInputs): string {
  const { kind, request, local } = inputs;
  const files = [...inputs.files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, mode, id }) => [path, mode, id]);
  if (kind === 'checkout') return hashOf({ kind, context: request.context, files, local });
  const { service: _, watch, cacheFrom, labels, noCache, pull, ...settings } = request;
  return hashOf({ kind, settings, files });
}
