import { matchesGlob } from './glob.ts';
import type { ProjectFile } from './project-file.ts';

/** What a ref that moved means: the environments it deploys to, and why not to the others. */
export interface Triggered {
  readonly environments: readonly string[];
  readonly reasons: readonly string[];
}

/**
 * Which environments a ref (`refs/heads/main`, `refs/tags/v1`) deploys to. A branch `release-1` is no tag. Source: requirement 1.2.
 */
export function triggeredBy(ref: string, project: ProjectFile): Triggered {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined || name === undefined)
    return { environments: [], reasons: [`${ref} is neither a branch nor a tag`] };
  const environments: string[] = [];
  const reasons: string[] = [];
  for (const [environment, settings] of Object.entries(project.environments).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { branch = [], tag = [] } = settings.deployOn ?? {};
    const patterns = kind === 'heads' ? branch : tag;
    if (patterns.some((pattern) => matchesGlob(name, pattern))) environments.push(environment);
    else
      reasons.push(
        `${environment} deploys on ${wordsOf(branch, tag)}, not on ${kind === 'heads' ? 'branch' : 'tag'} ${name}`,
      );
  }
  return { environments, reasons };
}

function wordsOf(branch: readonly string[], tag: readonly string[]): string {
  const parts = [...branch.map((pattern) => `branch ${pattern}`), ...tag.map((pattern) => `tag ${pattern}`)];
  return parts.length === 0 ? 'nothing by itself' : parts.join(', ');
}

/** Does a commit ask not to be built? Source: requirement 1.4; the markers are GitHub's and GitLab's. */
export const isSkipped = (message: string): boolean =>
  /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/i.test(message);
