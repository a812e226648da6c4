import { SlipwayError } from '../errors.ts';
import { parseStackName, type StackName } from '../stack-name.ts';
import type { ProjectFile } from './project-file.ts';

/**
 * The name of an environment's stack, from the project's template: `{project}`, `{environment}`, `{deployLevel}` and the
 * project's and the environment's values. @throws SlipwayError `stack.name_invalid`. Source: requirement 5.1.
 */
export function stackNameOf(project: ProjectFile, environment: string): StackName {
  const settings = project.environments[environment];
  const level = settings?.deployLevel === undefined ? {} : { deployLevel: settings.deployLevel };
  const values: Readonly<Record<string, string>> = {
    ...project.values,
    ...level,
    ...settings?.values,
    project: project.project,
    environment,
  };
  const name = project.stack.replaceAll(/\{([^{}]+)\}/g, (whole, key: string) => {
    const value = values[key];
    if (value !== undefined) return value;
    throw new SlipwayError(
      'stack.name_invalid',
      `the stack's name '${project.stack}' holds ${whole}, which has no value`,
      `known are ${Object.keys(values).sort().join(', ')}; add it under \`values:\``,
    );
  });
  return parseStackName(name);
}
