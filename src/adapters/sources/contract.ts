import type { TreeEntry } from '#domain/builds/build-request.ts';

export interface Commit {
  readonly id: string;
  readonly message: string;
  readonly author: string;
  /** ms since the epoch */
  readonly at: number;
}

export interface Ref {
  /** Full: `refs/heads/main`, `refs/tags/v1`. */
  readonly name: string;
  /** The commit; for an annotated tag the one it points to. */
  readonly commit: string;
}

/** A commit's files on disk, and their list. Read-only to everybody. */
export interface Checkout {
  readonly path: string;
  readonly files: readonly TreeEntry[];
}

/** Git repositories that Slipway keeps, one bare repository a project. */
export interface Sources {
  /** Makes the project's repository where it is not there. */
  create(project: string): Promise<void>;
  remove(project: string): Promise<void>;
  /** Fetches refs of any git URL or path (https, ssh, git, file; no other transport). @throws `source.refused`, `source.unreachable` */
  fetch(project: string, url: string, refs: readonly string[], signal: AbortSignal): Promise<readonly Ref[]>;
  /** Branches and tags. */
  refs(project: string): Promise<readonly Ref[]>;
  /** A branch, tag, full or short commit id. */
  resolve(project: string, revision: string): Promise<Commit | undefined>;
  /** The commit's tree, extracted once and kept while it is used; the same commit gives the same path. */
  checkout(project: string, commit: string, signal: AbortSignal): Promise<Checkout>;
  /** One commit's message and author. */
  commit(project: string, commit: string): Promise<Commit>;
  /**
   * Removes the checkouts of all commits but these, lets go of those that no branch or tag holds, and packs the
   * repository. Until then every commit that was checked out or pushed to `refs/slipway/commits/<id>` stays, whatever
   * happens to its branch.
   */
  tidy(project: string, keep: readonly string[], signal: AbortSignal): Promise<void>;
}
