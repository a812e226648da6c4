import type { TreeEntry } from './build-request.ts';

/** What decides one service's build at a commit. */
export interface ServiceInputs {
  readonly service: string;
  readonly key: string;
  /** The files behind the key (`inputsOf`). */
  readonly files: readonly TreeEntry[];
}

/** A service that is to be built again, and what of it changed. */
export interface Affected {
  readonly service: string;
  /** `lib/x.ts changed`, `first build`, `build settings changed`. */
  readonly why: string;
  /** Paths that were added, changed or removed, sorted. */
  readonly paths: readonly string[];
}

/**
 * Which services a commit affects: those whose build has another key than at the commit before. A service that is gone is
 * not among them: the plan removes it. Source: requirement 1.5.
 */
export function affected(before: readonly ServiceInputs[], after: readonly ServiceInputs[]): readonly Affected[] {
  const known = new Map(before.map((one) => [one.service, one]));
  return after.flatMap(({ service, key, files }) => {
    const old = known.get(service);
    if (old === undefined) return [{ service, why: 'first build', paths: [] }];
    if (old.key === key) return [];
    const paths = changedPaths(old.files, files);
    return [{ service, why: reasonOf(paths), paths }];
  });
}

function changedPaths(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly string[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const changed = after.filter(({ path, id, mode }) => {
    const was = old.get(path);
    old.delete(path);
    return was === undefined || was.id !== id || was.mode !== mode;
  });
  return [...changed.map((entry) => entry.path), ...old.keys()].sort();
}

function reasonOf(paths: readonly string[]): string {
  const [first, ...more] = paths;
  if (first === undefined) return 'build settings changed';
  return more.length === 0 ? `${first} changed` : `${first} and ${more.length} more changed`;
}
