import type { Artifact, StackSpec } from '../stack/spec.ts';

/** What a build made, as it is listed. */
export interface Made {
  readonly project: string;
  readonly artifact: Artifact;
  /** ms since the epoch */
  readonly createdAt: number;
}

/** What nothing may be removed of. */
export interface Kept {
  /** What live stacks run or may return to, and the last releases. */
  readonly specs: readonly StackSpec[];
  /** Projects that something is being deployed of: what it will use is not known yet. */
  readonly busy: ReadonlySet<string>;
  /** ms since the epoch: what was made after it is kept. */
  readonly since: number;
}

/**
 * The artifacts that nothing needs any more. Two of the same content are one thing: what one of them is kept for keeps the
 * other. Source: requirement 2.3.
 */
export function staleArtifacts<Item extends Made>(made: readonly Item[], kept: Kept): readonly Item[] {
  const isKept = (item: Made): boolean => item.createdAt > kept.since || kept.busy.has(item.project);
  const needed = new Set([
    ...kept.specs.flatMap((spec) => spec.services.map((service) => identity(service.artifact))),
    ...made.filter(isKept).map((item) => identity(item.artifact)),
  ]);
  return made.filter((item) => !isKept(item) && !needed.has(identity(item.artifact)));
}

function identity(artifact: Artifact): string {
  if (artifact.kind === 'image') return `image ${artifact.pinned ?? artifact.reference}`;
  return artifact.kind === 'none' ? 'none' : `checkout ${artifact.key}`;
}
