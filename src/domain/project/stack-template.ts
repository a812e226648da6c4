import { SlipwayError } from '../errors.ts';
import { parseStackName, type StackName } from '../stack-name.ts';
import type { EnvironmentConfig, ProjectConfig } from './config.ts';

/** What stands for something in every project. */
export const reserved = ['project', 'environment', 'sha', 'deployLevel'] as const;

/** The names between braces, in order. */
export const placeholders = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');

/**
 * The name of an environment's stack, by the project's template. `commit`: its full id; `{sha}` is its first 7 digits.
 * @throws SlipwayError `stack.name_invalid` with the reason. Source: requirement 5.1.
 */
export function stackNameOf(config: ProjectConfig, environment: EnvironmentConfig, commit: string | null): StackName {
  const values = new Map([
    ...Object.entries(config.values),
    ...Object.entries(environment.values),
    ['project', config.project],
    ['environment', environment.name],
    ...(environment.deployLevel === null ? [] : [['deployLevel', environment.deployLevel] as const]),
    ...(commit === null ? [] : [['sha', commit.slice(0, 7)] as const]),
  ]);
  const name = config.stack.replaceAll(/\{([^{}]*)\}/g, (_, key: string) => {
    const value = values.get(key);
    if (value !== undefined) return value;
    const why = key === 'sha' ? 'and there is no commit' : `which environment '${environment.name}' gives no value`;
    throw new SlipwayError(
      'stack.name_invalid',
      `the stack's name '${config.stack}' has {${key}}, ${why}`,
      key === 'deployLevel'
        ? 'say `deployLevel:` in that environment'
        : `add '${key}' under \`values:\` in slipway.yaml`,
    );
  });
  try {
    return parseStackName(name);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError(thrown.code, `${thrown.message}; it comes from '${config.stack}'`, thrown.hint, thrown);
  }
}
