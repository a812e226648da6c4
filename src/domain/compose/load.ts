import { posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { checkConsistency } from './consistency.ts';
import { ComposeError, composeError, type Diagnostic } from './diagnostics.ts';
import { DotenvError, parseDotenv } from './dotenv.ts';
import { withEnvFiles, withLabelFiles } from './environment.ts';
import { applyExtends } from './extends.ts';
import { Reading } from './fields/field.ts';
import { extensionsOf, project as projectField } from './fields/project-fields.ts';
import type { ComposeFiles } from './files.ts';
import { applyIncludes, type IncludedFile, type LoadFiles } from './include.ts';
import { substitute, TemplateError } from './interpolate.ts';
import { documentsOf, type Loading, yamlOf } from './loading.ts';
import { mergeModels, tidyModel } from './merge.ts';
import type { ComposeModel, ComposeProject, ComposeService } from './model.ts';
import { child, type MapNode, type Node } from './node.ts';
import { mapValues, normalise } from './normalise.ts';
import { topText } from './parse.ts';
import { withProfiles } from './profiles.ts';
import { givenName, normalName } from './project-name.ts';
import { without } from './reset.ts';
import type { Environment } from './source.ts';
import { withUndeclaredVolumes } from './undeclared-volumes.ts';

export interface LoadInput {
  /** Absolute paths, the later merged over the earlier. */
  readonly files: readonly string[];
  /** Where relative paths start and `.env` lies, absolute. */
  readonly projectDirectory: string;
  /** The variables from outside: the shell's, or on the server the environment's own. They win over `.env`. */
  readonly environment: Environment;
  /** As `-p` gives it. */
  readonly projectName?: string | undefined;
  /** As `--profile` gives them; without any, COMPOSE_PROFILES counts. */
  readonly profiles?: readonly string[] | undefined;
  readonly read: ComposeFiles;
  /** Refuse what docker compose refuses: no leniencies (see leniencies.ts). */
  readonly strict?: boolean | undefined;
}

export interface Loaded {
  readonly project: ComposeProject;
  /** The top level's `models`, which docker compose leaves out of what it prints. */
  readonly models: Readonly<Record<string, ComposeModel>>;
  readonly warnings: readonly Diagnostic[];
  /** What stands under a service's `x-slipway`, with its places: docker compose leaves such keys out of what it prints. */
  readonly extensions: Readonly<Record<string, Node>>;
  /** The merged files before short forms and defaults: what somebody wrote, and where. */
  readonly tree: MapNode;
  /** The variables that interpolation saw: those from outside over those of `.env`. */
  readonly environment: Environment;
}

/**
 * Loads Compose files into one model as docker compose does: parse, interpolate, include, extend, merge, check, expand
 * short forms, normalise, apply profiles. Reads nothing but through `input.read`; the same input gives the same model.
 * @throws ComposeError (`compose.invalid`) with every problem found; SlipwayError `compose.unreadable`,
 * `compose.outside_checkout`
 */
export function loadCompose(input: LoadInput): Loaded {
  const loading: Loading = {
    files: input.read,
    strict: input.strict ?? false,
    warnings: [],
    bases: new Map(),
    parsed: new Map(),
    opened: { count: 0 },
  };
  const outside = withDotenv(input);
  const name = projectName(input, outside, loading);
  const environment = { ...outside, COMPOSE_PROJECT_NAME: outside.COMPOSE_PROJECT_NAME ?? name };
  const files = input.files.map((file) => ({ file }));
  const tree = loadFiles(loading, files, input.projectDirectory, environment, [], false);
  if (tree === undefined || tree.entries.size === 0)
    throw new SlipwayError('compose.invalid', `${input.files.join(', ')}: empty Compose file`);
  const reading = new Reading(loading.strict);
  const read = projectField(tree, '', reading);
  refuse(reading);
  const whole = { ...normalise(read ?? {}, name), ...extensionsOf(tree) };
  const { project, off } = withProfiles(whole, activeProfiles(input, environment));
  const declared = withUndeclaredVolumes(project, tree, reading);
  checkConsistency({ project: declared, tree, reading, off });
  refuse(reading);
  const services = mapValues(declared.services, (service, key) =>
    withFiles(service, key, tree, environment, input.read),
  );
  const { models = {}, ...printed } = declared;
  return {
    project: { ...printed, services },
    models,
    warnings: [...loading.warnings, ...reading.warnings],
    extensions: serviceExtensions(tree),
    tree,
    environment,
  };
}

function serviceExtensions(tree: MapNode): Readonly<Record<string, Node>> {
  const services = child(tree, 'services');
  if (services?.kind !== 'map') return {};
  const found = [...services.entries].map(([name, service]) => [name, child(service, 'x-slipway')] as const);
  return Object.fromEntries(found.filter((pair): pair is readonly [string, Node] => pair[1] !== undefined));
}

function refuse(reading: Reading): void {
  if (reading.errors.length > 0) throw new ComposeError(reading.errors);
}

/** The outside over the project directory's `.env`. */
function withDotenv(input: LoadInput): Environment {
  const file = posix.join(input.projectDirectory, '.env');
  const text = input.read.read(file);
  if (text === undefined) return input.environment;
  try {
    const outside = (name: string): string | undefined =>
      Object.hasOwn(input.environment, name) ? input.environment[name] : undefined;
    return { ...Object.fromEntries(parseDotenv(text, outside)), ...input.environment };
  } catch (error) {
    if (error instanceof DotenvError)
      throw new SlipwayError('compose.invalid', `${file}:${error.line}: ${error.message}`);
    throw error;
  }
}

/** `-p`, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, or the directory's name. */
function projectName(input: LoadInput, environment: Environment, loading: Loading): string {
  if (input.projectName !== undefined) return givenName(input.projectName, 'as given');
  const variable = environment.COMPOSE_PROJECT_NAME;
  if (variable !== undefined && variable !== '') return givenName(variable, 'COMPOSE_PROJECT_NAME');
  for (const file of input.files.toReversed()) {
    const parsed = yamlOf(file, loading);
    const named = parsed === undefined ? undefined : topText(parsed, 'name');
    const normal = normalName(named === undefined ? '' : interpolatedName(named, environment));
    if (normal !== '') return normal;
  }
  return givenName(normalName(posix.basename(input.projectDirectory)), 'after the directory');
}

/** A name with its variables; a mistake in it is told when the file is loaded. */
function interpolatedName(text: string, environment: Environment): string {
  try {
    return substitute(text, (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined));
  } catch (error) {
    if (error instanceof TemplateError) return '';
    throw error;
  }
}

const activeProfiles = (input: LoadInput, environment: Environment): readonly string[] =>
  input.profiles !== undefined && input.profiles.length > 0
    ? input.profiles
    : (environment.COMPOSE_PROFILES ?? '').split(',').map((profile) => profile.trim());

/** Merges files into one tree. `complete`: the last state is checked too, as that of an include must be. */
function loadFiles(
  loading: Loading,
  files: readonly IncludedFile[],
  directory: string,
  environment: Environment,
  chain: readonly string[],
  complete: boolean,
): MapNode | undefined {
  const load: LoadFiles = (included, where, variables, above) =>
    loadFiles(loading, included, where, variables, above, true);
  let model: MapNode | undefined;
  files.forEach(({ file, askedBy }, i) => {
    const documents = documentsOf(file, directory, environment, loading, askedBy);
    if (documents === undefined) {
      if (askedBy !== undefined) throw composeError(askedBy.at, askedBy.path, `there is no file ${file}`);
      throw new SlipwayError('compose.unreadable', `there is no Compose file ${file}`);
    }
    documents.forEach((document, j) => {
      const included = applyIncludes(document, [...chain, file], loading, load);
      const own = applyExtends({ ...document, root: included }, loading);
      model = model === undefined ? tidyModel(own) : mergeModels(without(model, document.removed), own);
      const isLast = i === files.length - 1 && j === documents.length - 1;
      if (complete || !isLast) check(model, loading);
    });
  });
  return model;
}

/** Checks a model on the way: what is wrong in a file is wrong, also if a later one replaces it. */
function check(model: MapNode, loading: Loading): void {
  const reading = new Reading(loading.strict);
  projectField(model, '', reading);
  refuse(reading);
}

function withFiles(
  service: ComposeService,
  key: string,
  tree: MapNode,
  environment: Environment,
  files: ComposeFiles,
): ComposeService {
  const node = child(child(tree, 'services'), key) ?? tree;
  const path = `services.${key}`;
  const variables = withEnvFiles(node, path, service.environment ?? {}, environment, files);
  const labels = withLabelFiles(node, path, service.labels ?? {}, environment, files);
  return {
    ...service,
    ...(Object.keys(variables).length > 0 ? { environment: variables } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}
