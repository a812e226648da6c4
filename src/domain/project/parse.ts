import { checkNode } from '../checked.ts';
import { ComposeError, type Diagnostic, diagnostic, formatDiagnostic } from '../compose/diagnostics.ts';
import { child, type MapNode } from '../compose/node.ts';
import { documentsIn, parseYaml } from '../compose/parse.ts';
import { lineStartsOf } from '../compose/source.ts';
import { SlipwayError } from '../errors.ts';
import type { EnvironmentConfig, ProjectConfig } from './config.ts';
import { type EnvironmentFile, type ProjectFile, projectSchema } from './schema.ts';
import { placeholders, reserved } from './stack-template.ts';

/** A slipway.yaml that is wrong. The message names the first few problems, `diagnostics` holds them all. */
export class ProjectFileError extends SlipwayError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const shown = diagnostics.slice(0, 10).map(formatDiagnostic);
    const more = diagnostics.length - shown.length;
    super('project.invalid', [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), diagnostics[0]?.hint);
    this.name = 'ProjectFileError';
    this.diagnostics = diagnostics;
  }
}

/**
 * Reads slipway.yaml. `text` is `undefined` where there is none: then all is default. `file` is its name in messages,
 * `fallbackName` the project's where the file gives none.
 * @throws ProjectFileError `project.invalid` with file, line, column of each problem.
 */
export function parseProject(text: string | undefined, file: string, fallbackName: string): ProjectConfig {
  const root = text === undefined ? undefined : rootOf(text, file);
  if (root === undefined) return configOf({}, fallbackName);
  const checked = checkNode(projectSchema, root, '');
  if (!checked.ok) throw new ProjectFileError(checked.diagnostics);
  const problems = contradictions(checked.value, root);
  if (problems.length > 0) throw new ProjectFileError(problems);
  return configOf(checked.value, fallbackName);
}

function rootOf(text: string, file: string): MapNode | undefined {
  const source = { file, directory: '/', environment: {}, lineStarts: lineStartsOf(text) };
  try {
    const [root, second] = documentsIn(parseYaml(text, file), source);
    if (second) throw new ProjectFileError([diagnostic(second.at, '', 'there is more than one YAML document')]);
    return root;
  } catch (thrown) {
    if (thrown instanceof ComposeError) throw new ProjectFileError(thrown.diagnostics);
    throw thrown;
  }
}

/** What each key says alone is right, but not with the others. */
function contradictions(file: ProjectFile, root: MapNode): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const environments = Object.entries(file.environments ?? {});
  for (const [name, environment] of environments) {
    const node = child(child(root, 'environments'), name) ?? root;
    if (environment?.cluster !== undefined && environment.clusters !== undefined)
      found.push(diagnostic(node.at, `environments.${name}`, 'has both `cluster` and `clusters`', 'keep one of them'));
    const on = environment?.deployOn;
    if (on !== undefined && on.branch === undefined && on.tag === undefined)
      found.push(diagnostic(node.at, `environments.${name}.deployOn`, 'names no branch and no tag'));
  }
  const known = new Set([...reserved, ...Object.keys(file.values ?? {})]);
  for (const [, environment] of environments) for (const key of Object.keys(environment?.values ?? {})) known.add(key);
  for (const key of placeholders(file.stack ?? '').filter((one) => !known.has(one))) {
    const hint = `known: ${[...known].sort().join(', ')}; add your own under \`values\``;
    found.push(diagnostic((child(root, 'stack') ?? root).at, 'stack', `{${key}} stands for nothing`, hint));
  }
  return found;
}

/** Where there is no slipway.yaml, or it names no environment: production, from the main branch. */
const defaultEnvironments = { production: { deployOn: { branch: ['main', 'master'] } } };

function configOf(file: ProjectFile, fallbackName: string): ProjectConfig {
  const environments = file.environments ?? defaultEnvironments;
  return {
    project: file.project ?? fallbackName,
    compose: listOf(file.compose),
    stack: file.stack ?? '{project}-{environment}',
    values: textsOf(file.values),
    tags: textsOf(file.tags),
    environments: Object.entries(environments).map(([name, environment]) => environmentOf(name, environment ?? {})),
    notify: file.notify ?? [],
    registry: file.registry ?? null,
  };
}

function environmentOf(name: string, file: EnvironmentFile): EnvironmentConfig {
  const { protect, strategy, dns, deploy = {} } = file;
  const [first = null, ...more] = file.clusters ?? listOf(file.cluster);
  return {
    name,
    deployOn: file.deployOn ? { branches: listOf(file.deployOn.branch), tags: listOf(file.deployOn.tag) } : null,
    cluster: first,
    moreClusters: more,
    deployLevel: file.deployLevel ?? null,
    values: textsOf(file.values),
    registry: file.registry ?? null,
    deploy: {
      deadlineMs: deploy.deadline ?? null,
      stabilityMs: deploy.stability ?? null,
      failures: deploy.failures ?? null,
    },
    later: Object.fromEntries(Object.entries({ protect, strategy, dns }).filter(([, value]) => value !== undefined)),
  };
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const textsOf = (
  values: Readonly<Record<string, string | number | boolean>> | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, String(value)]));
