import { join } from 'node:path';
import { contextFiles, ignoreFilesOf } from '#adapters/builds/docker/context.ts';
import { checkoutBytes, checkoutReader } from '#adapters/sources/checkout-reader.ts';
import type { Checkout } from '#adapters/sources/contract.ts';
import { buildKey } from '#domain/builds/build-key.ts';
import type { BuildRequest } from '#domain/builds/build-request.ts';
import { inputsOf, isBelow } from '#domain/builds/inputs.ts';
import { loadCompose } from '#domain/compose/load.ts';
import { SlipwayError } from '#domain/errors.ts';
import { composeFiles, composeNames, overridesLeftOut } from '#domain/project/compose-files.ts';
import type { EnvironmentConfig, ProjectConfig } from '#domain/project/config.ts';
import { parseProject } from '#domain/project/parse.ts';
import { stackFromCompose } from '#domain/stack/from-compose/from-compose.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { effectiveVariables } from '#store/variables.ts';
import type { Context } from './context.ts';
import type { Draft, KeyedBuild } from './draft.ts';

const projectFile = 'slipway.yaml';

/** A commit's slipway.yaml. @throws SlipwayError `project.invalid` */
export function projectAt(checkout: Checkout, project: string): ProjectConfig {
  const read = checkoutReader(checkout.path);
  const config = parseProject(read(join(checkout.path, projectFile)), projectFile, project);
  if (config.project !== project)
    throw new SlipwayError(
      'project.invalid',
      `${projectFile} is of the project '${config.project}', but was pushed to '${project}'`,
      'push it to the remote of its own project',
    );
  return config;
}

/** @throws SlipwayError `project.invalid` naming the environments there are. */
export function environmentAt(config: ProjectConfig, name: string): EnvironmentConfig {
  const found = config.environments.find((environment) => environment.name === name);
  if (found) return found;
  throw new SlipwayError(
    'project.invalid',
    `there is no environment '${name}' in ${projectFile}`,
    `there are: ${config.environments.map((environment) => environment.name).join(', ')}`,
  );
}

export interface CommitQuery {
  readonly project: string;
  readonly environment: string;
  readonly commit: string;
  /** What the cluster's engine runs. */
  readonly artifacts: 'image' | 'checkout';
}

/**
 * What a commit says about an environment. Only the environment's own variables and the commit's files exist: a pushed
 * `${DATABASE_URL}`, `env_file: /etc/shadow` or `extends: ../../x` reaches nothing. Source: design.md, 'Files'.
 */
export async function loadCommit(context: Context, query: CommitQuery, signal: AbortSignal): Promise<Draft> {
  const checkout = await context.sources.checkout(query.project, query.commit, signal);
  try {
    return await loadCheckout(context, query, checkout);
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError)) throw thrown;
    throw new SlipwayError(thrown.code, asInRepository(checkout.path, thrown.message), thrown.hint, thrown);
  }
}

/** Paths as the repository has them: where the server keeps its checkouts says nothing to a reader. */
export function asInRepository(checkout: string, text: string): string {
  const folders = checkout.split('/');
  let shown = text.replaceAll(`${checkout}/`, '').replaceAll(checkout, '.');
  for (let up = 1; folders.length - up > 1 && up <= 4; up += 1)
    shown = shown.replaceAll(`${folders.slice(0, -up).join('/')}/`, '../'.repeat(up));
  return shown;
}

async function loadCheckout(context: Context, query: CommitQuery, checkout: Checkout): Promise<Draft> {
  const config = projectAt(checkout, query.project);
  const environment = environmentAt(config, query.environment);
  const read = checkoutReader(checkout.path);
  const paths = new Set(checkout.files.map((file) => file.path));
  const files = composeFilesOf(config, (path) => paths.has(path));
  const loaded = loadCompose({
    files: files.map((path) => join(checkout.path, path)),
    projectDirectory: checkout.path,
    environment: await variablesOf(context, query),
    projectName: config.project,
    read: { read },
  });
  const { spec, builds, findings } = stackFromCompose({
    project: config,
    environment,
    commit: query.commit,
    loaded,
    root: checkout.path,
    artifacts: query.artifacts,
    read: checkoutBytes(checkout.path),
  });
  const keyed = builds.map((request) => keyedBuild(query.artifacts, request, spec, checkout, read));
  return {
    spec: withKeys(spec, keyed),
    builds: keyed,
    findings: [...findings, ...overridesLeftOut(files, (path) => paths.has(path))],
    notify: config.notify,
    registry: environment.registry ?? config.registry,
  };
}

async function variablesOf(
  context: Context,
  { project, environment }: CommitQuery,
): Promise<Readonly<Record<string, string>>> {
  const variables = await context.store.read((db) => effectiveVariables(db, context.store.key, project, environment));
  return Object.fromEntries(variables.map((variable) => [variable.name, variable.value.reveal()]));
}

/** Relative to the checkout. @throws SlipwayError `compose.unreadable` */
function composeFilesOf(config: ProjectConfig, exists: (path: string) => boolean): readonly string[] {
  const found = composeFiles(config.compose, exists);
  if (found.length > 0) return found;
  throw new SlipwayError(
    'compose.unreadable',
    `the commit has no Compose file (${composeNames.join(', ')})`,
    'add one, or name it by `compose:` in slipway.yaml',
  );
}

function keyedBuild(
  kind: KeyedBuild['kind'],
  request: BuildRequest,
  spec: StackSpec,
  checkout: Checkout,
  read: (path: string) => string | undefined,
): KeyedBuild {
  const service = spec.services.find((item) => item.name === request.service);
  const local = service?.local ? { directory: service.local.directory, install: service.local.install } : null;
  const paths = checkout.files.map((file) => file.path);
  const ignore =
    kind === 'image'
      ? ignoreFilesOf(request)
          .map((path) => read(join(checkout.path, path)))
          .find((text) => text !== undefined)
      : undefined;
  const below = contextFiles(paths, request.context, ignore);
  const own = local === null ? [] : paths.filter((path) => isBelow(path, local.directory));
  const files = kind === 'image' ? below : [...new Set([...below, ...own])];
  const inputs = inputsOf({ kind, request, tree: checkout.files, context: files });
  return {
    kind,
    request,
    files,
    local: kind === 'checkout' ? local : null,
    key: buildKey({ kind, request, files: inputs, local: kind === 'checkout' ? local : null }),
  };
}

function withKeys(spec: StackSpec, keyed: readonly KeyedBuild[]): StackSpec {
  const keys = new Map(keyed.map((build) => [build.request.service, build.key]));
  const services = spec.services.map((service) => {
    const key = keys.get(service.name);
    return key === undefined ? service : { ...service, artifact: { kind: 'unbuilt', key } as const };
  });
  return { ...spec, services };
}
