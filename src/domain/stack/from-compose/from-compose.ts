import type { BuildRequest } from '../../builds/build-request.ts';
import { type Diagnostic, diagnostic, nearest } from '../../compose/diagnostics.ts';
import type { Loaded } from '../../compose/load.ts';
import type { ComposeProject } from '../../compose/model.ts';
import { child } from '../../compose/node.ts';
import { SlipwayError } from '../../errors.ts';
import type { Finding } from '../../plan/change.ts';
import type { EnvironmentConfig, ProjectConfig } from '../../project/config.ts';
import { notYet as notYetInProject } from '../../project/not-yet.ts';
import { ProjectFileError } from '../../project/parse.ts';
import { localSettings, readServiceKeys, type ServiceKeys } from '../../project/service-keys.ts';
import { stackNameOf } from '../../project/stack-template.ts';
import { resolveReferences, type ServiceAddress } from '../references.ts';
import type { Artifact, ServiceSpec, StackSpec } from '../spec.ts';
import { buildOf, folderBuild } from './builds.ts';
import { byText } from './numbers.ts';
import { withRelations } from './relations.ts';
import { type ContentSources, filesOf, networksOf, volumesOf } from './resources.ts';
import { serviceOf } from './service.ts';
import { resourceFindings, serviceFindings } from './unheld.ts';

export interface StackInput {
  readonly project: ProjectConfig;
  readonly environment: EnvironmentConfig;
  /** Its full id; `null` where nothing was committed. */
  readonly commit: string | null;
  readonly loaded: Loaded;
  /** Folder of the checkout, absolute: paths in the specification are relative to it. */
  readonly root: string;
  /** What the cluster's engine runs. */
  readonly artifacts: 'image' | 'checkout';
  readonly read: ContentSources['read'];
}

/** A stack as its files say it, and what must be built for it. Artifacts to be built have no key yet: ''. */
export interface StackDraft {
  readonly spec: StackSpec;
  readonly builds: readonly BuildRequest[];
  readonly findings: readonly Finding[];
}

/**
 * Turns the loaded Compose model, slipway.yaml and an environment into engine-neutral words. The same commit gives the same
 * specification on every machine and in every folder. @throws SlipwayError `project.invalid`, `compose.invalid`, `stack.name_invalid`
 */
export function stackFromCompose(input: StackInput): StackDraft {
  const { project, environment, loaded } = input;
  const model = loaded.project;
  const keys = readAllKeys(loaded);
  const names = Object.keys(model.services).sort(byText);
  const around = { awaited: awaitedServices(model), others: new Set(names) };
  const parts = names.map((name) => partOf(input, name, keys.get(name) ?? {}, around));
  const services = withRelations(
    parts.map((part) => part.spec),
    model,
  );
  checkReferences(services, loaded);
  const spec = {
    name: stackNameOf(project, environment, input.commit),
    project: project.project,
    environment: environment.name,
    services,
    networks: networksOf(model, loaded.tree),
    volumes: volumesOf(model, loaded.tree, input.root),
    files: filesOf(model, { read: input.read, environment: loaded.environment, root: input.root }),
  };
  return {
    spec,
    builds: parts.flatMap((part) => part.build ?? []),
    findings: [
      ...warnings(loaded),
      ...notYetInProject(project, environment),
      ...resourceFindings(model, input.root),
      ...parts.flatMap((part) => part.findings),
    ],
  };
}

/** Every service's `x-slipway`. @throws ProjectFileError with all that is wrong in any of them */
function readAllKeys(loaded: Loaded): ReadonlyMap<string, ServiceKeys> {
  const problems: Diagnostic[] = [];
  const keys = Object.keys(loaded.project.services).map((name) => {
    const read = readServiceKeys(loaded.extensions[name], name);
    if (!read.ok) problems.push(...read.diagnostics);
    return [name, read.ok ? read.value : {}] as const;
  });
  if (problems.length > 0) throw new ProjectFileError(problems);
  return new Map(keys);
}

function partOf(
  input: StackInput,
  name: string,
  keys: ServiceKeys,
  around: { readonly awaited: ReadonlySet<string>; readonly others: ReadonlySet<string> },
): { readonly spec: ServiceSpec; readonly build: BuildRequest | null; readonly findings: readonly Finding[] } {
  const { loaded, root, environment } = input;
  const { services } = loaded.project;
  const service = services[name] ?? { command: null, entrypoint: null };
  const written = child(child(loaded.tree, 'services'), name);
  const build = requestOf(input, name, keys);
  const spec = serviceOf({
    name,
    service,
    written,
    keys,
    artifact: artifactOf(input, service.image, build),
    environment,
    isAwaited: around.awaited.has(name),
    others: around.others,
    root,
  });
  return { spec, build, findings: [...serviceFindings(name, service, written, root), ...notYet(name, keys)] };
}

function awaitedServices(model: ComposeProject): ReadonlySet<string> {
  const needs = Object.values(model.services).flatMap((service) => Object.entries(service.depends_on ?? {}));
  return new Set(needs.filter(([, need]) => need.condition === 'service_completed_successfully').map(([name]) => name));
}

/** Without `build:` and without a folder of its own, nothing of the checkout is in a service: no push restarts it. */
function requestOf(input: StackInput, name: string, keys: ServiceKeys): BuildRequest | null {
  const service = input.loaded.project.services[name];
  if (service === undefined) return null;
  const build = buildOf(name, service, keys, input.root);
  if (build !== null || input.artifacts === 'image') return build;
  const local = localSettings(keys, null);
  if (local === null || (keys.local?.directory === undefined && local.install === null)) return null;
  return folderBuild(name, keys, local, input.root);
}

function artifactOf(input: StackInput, image: string | undefined, build: BuildRequest | null): Artifact {
  if (build !== null) return { kind: 'unbuilt', key: '' };
  if (input.artifacts === 'checkout' || image === undefined) return { kind: 'none' };
  return { kind: 'image', reference: image, pinned: null, commit: null };
}

/** Every `{service.x}` names a service and a port that are there: told now, not when an engine fills them in. */
function checkReferences(services: readonly ServiceSpec[], loaded: Loaded): void {
  const ports = new Map(services.map((service) => [service.name, new Map(service.expose.map((port) => [port, port]))]));
  const addressOf = (host: string): ServiceAddress | undefined => {
    const known = ports.get(host);
    return known && { host, ports: known };
  };
  const problems = services.flatMap(({ name, references }) =>
    Object.entries(references).flatMap(([variable, text]) => {
      const problem = problemOf(text, addressOf);
      const at = child(child(loaded.extensions[name], 'environment'), variable) ?? loaded.tree;
      const path = `services.${name}.x-slipway.environment.${variable}`;
      return problem === null
        ? []
        : [diagnostic(at.at, path, problem.message, hintOf(problem, text, [...ports.keys()]))];
    }),
  );
  if (problems.length > 0) throw new ProjectFileError(problems);
}

function problemOf(text: string, addressOf: (service: string) => ServiceAddress | undefined): SlipwayError | null {
  try {
    resolveReferences(text, addressOf);
    return null;
  } catch (thrown) {
    if (thrown instanceof SlipwayError) return thrown;
    throw thrown;
  }
}

function hintOf(problem: SlipwayError, text: string, services: readonly string[]): string | undefined {
  const named = /\{service\.([\w-]+)/.exec(text)?.[1] ?? '';
  const close = services.includes(named) ? undefined : nearest(named, services);
  return close === undefined ? problem.hint : `did you mean '${close}'?`;
}

const warnings = (loaded: Loaded): readonly Finding[] =>
  loaded.warnings.map(({ path, message, hint }) => ({
    level: 'note',
    service: /^services\.([^.]+)/.exec(path)?.[1] ?? null,
    field: path,
    message: hint === undefined ? message : `${message} (${hint})`,
  }));

/** Keys that are understood and kept, but that nothing acts on yet. */
function notYet(service: string, keys: ServiceKeys): readonly Finding[] {
  const later = [
    ['routes', keys.routes],
    ['outputs', keys.outputs],
  ] as const;
  return later
    .filter(([, value]) => value !== undefined)
    .map(([key]) => ({
      level: 'note',
      service,
      field: `x-slipway.${key}`,
      message: `x-slipway.${key} is kept, but nothing acts on it yet`,
    }));
}
