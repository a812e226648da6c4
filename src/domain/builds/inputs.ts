import { posix } from 'node:path';
import { globMatcher } from '../glob.ts';
import type { BuildRequest, TreeEntry } from './build-request.ts';

export interface InputsQuery {
  readonly kind: 'image' | 'checkout';
  readonly request: BuildRequest;
  /** Every file of the commit. */
  readonly tree: readonly TreeEntry[];
  /** Those of the context that `.dockerignore` leaves in, paths relative to the checkout. */
  readonly context: readonly string[];
}

/**
 * The files that decide a build's key: its context, its Dockerfile and ignore file wherever they lie, the folders of its further
 * contexts, and what `x-slipway.watch` names. Source: requirement 1.5.
 */
export function inputsOf({ kind, request, tree, context }: InputsQuery): readonly TreeEntry[] {
  const inside = new Set(context);
  const named = new Set(kind === 'image' ? dockerfilesOf(request) : []);
  const folders =
    kind === 'image' ? Object.values(request.contexts).filter((path) => path.startsWith('./') || path === '.') : [];
  const watched = request.watch.map((glob) => globMatcher(glob));
  return tree.filter(
    ({ path }) =>
      inside.has(path) ||
      named.has(path) ||
      folders.some((folder) => isBelow(path, folder)) ||
      watched.some((matches) => matches(path)),
  );
}

function dockerfilesOf(request: BuildRequest): readonly string[] {
  if (request.dockerfileInline !== null) return [];
  const path = posix.normalize(posix.join(request.context, request.dockerfile));
  return [path, `${path}.dockerignore`];
}

/** Is a path of the checkout in a folder of it (`.` for all)? */
export function isBelow(path: string, folder: string): boolean {
  const clean = posix.normalize(folder).replace(/\/$/, '');
  return clean === '.' || path.startsWith(`${clean}/`);
}
