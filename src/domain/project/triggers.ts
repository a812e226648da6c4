import { globMatcher } from '../glob.ts';
import type { EnvironmentConfig, ProjectConfig } from './config.ts';

/** One environment's answer to a pushed ref, with the reason in words for people. */
export interface Trigger {
  readonly environment: string;
  readonly deploys: boolean;
  readonly why: string;
}

/**
 * What a pushed ref (in full: `refs/heads/main`, `refs/tags/v1`) does to each environment. A branch is never taken for a
 * tag, whatever its name. Source: requirement 1.2.
 */
export function triggersOf(config: ProjectConfig, ref: string): readonly Trigger[] {
  return config.environments.map((environment) => ({ environment: environment.name, ...answer(environment, ref) }));
}

function answer({ deployOn }: EnvironmentConfig, ref: string): Omit<Trigger, 'environment'> {
  if (deployOn === null) return { deploys: false, why: 'it has no `deployOn`: only `slipway deploy` deploys there' };
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? [];
  if (kind === undefined) return { deploys: false, why: `'${ref}' is no branch and no tag` };
  const word = kind === 'heads' ? 'branch' : 'tag';
  const patterns = kind === 'heads' ? deployOn.branches : deployOn.tags;
  const found = patterns.find((pattern) => globMatcher(pattern)(name));
  if (found !== undefined)
    return { deploys: true, why: found === name ? `${word} '${name}'` : `${word} '${name}' matches '${found}'` };
  if (patterns.length > 0) return { deploys: false, why: `${word} '${name}' is not ${quoted(patterns)}` };
  const other = kind === 'heads' ? `tags (${quoted(deployOn.tags)})` : `branches (${quoted(deployOn.branches)})`;
  return { deploys: false, why: `'${name}' is a ${word}, and it deploys on ${other} only` };
}

const quoted = (patterns: readonly string[]): string => patterns.map((pattern) => `'${pattern}'`).join(' or ');

/**
 * The marker in a commit's message by which its author asks for no build, as GitHub, GitLab and Jenkins know them;
 * `null`: there is none. Source: requirement 1.4.
 */
export function skipMarker(message: string): string | null {
  const found = /\[(?:(?:skip|no)[ -](?:ci|slipway)|(?:ci|slipway)[ -]skip)\]/i.exec(message);
  return found?.[0] ?? /^skip-checks:\s*true\s*$/im.exec(message)?.[0].trim() ?? null;
}
