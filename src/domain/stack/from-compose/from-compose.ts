import type { BuildRequest } from '../../builds/build-request.ts';
import type { Loaded } from '../../compose/load.ts';
import type { ComposeProject } from '../../compose/model.ts';
import { SlipwayError } from '../../errors.ts';
import type { Finding } from '../../plan/change.ts';
import type { EnvironmentConfig, ProjectConfig } from '../../project/config.ts';
import { notYet as notYetInProject } from '../../project/not-yet.ts';
import { readServiceKeys, type ServiceKeys } from '../../project/service-keys.ts';
import { stackNameOf } from '../../project/stack-template.ts';
import { resolveReferences } from '../references.ts';
import type { Artifact, ServiceSpec, StackSpec } from '../spec.ts';
import { buildOf, folderBuild } from './builds.ts';
import { byText } from './numbers.ts';
import { type ContentSources, filesOf, networksOf, volumesOf } from './resources.ts';
import { serviceOf } from './service.ts';

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
  const awaited = awaitedServices(model);
  const parts = Object.entries(model.services)
    .sort(([a], [b]) => byText(a, b))
    .map(([name, service]) => {
      const keys = readServiceKeys(loaded.extensions[name], name);
      const build = requestOf(input, name, keys);
      const artifact = artifactOf(input, service.image, build);
      const spec = serviceOf({
        name,
        service,
        keys,
        artifact,
        environment,
        isAwaited: awaited.has(name),
        root: input.root,
      });
      return { spec, build, keys };
    });
  const services = parts.map((part) => part.spec);
  checkReferences(services);
  const files = filesOf(model, { read: input.read, environment: loaded.environment });
  const spec = {
    name: stackNameOf(project, environment, input.commit),
    project: project.project,
    environment: environment.name,
    services,
    networks: networksOf(model),
    volumes: volumesOf(model),
    files,
  };
  return {
    spec,
    builds: parts.flatMap((part) => part.build ?? []),
    findings: [
      ...warnings(loaded),
      ...notYetInProject(project, environment),
      ...parts.flatMap(({ spec: { name }, keys }) => notYet(name, keys)),
    ],
  };
}

function awaitedServices(model: ComposeProject): ReadonlySet<string> {
  const needs = Object.values(model.services).flatMap((service) => Object.entries(service.depends_on ?? {}));
  return new Set(needs.filter(([, need]) => need.condition === 'service_completed_successfully').map(([name]) => name));
}

function requestOf(input: StackInput, name: string, keys: ServiceKeys): BuildRequest | null {
  const service = input.loaded.project.services[name];
  if (service === undefined) return null;
  const local = keys.local === undefined ? null : { directory: keys.local.directory ?? '.' };
  const build = buildOf(name, service, keys, input.root);
  if (build !== null || input.artifacts === 'image' || local === null) return build;
  return folderBuild(
    name,
    keys,
    { ...local, install: null, command: null, health: null, portVariable: 'PORT' },
    input.root,
  );
}

function artifactOf(input: StackInput, image: string | undefined, build: BuildRequest | null): Artifact {
  if (build !== null) return { kind: 'unbuilt', key: '' };
  if (input.artifacts === 'checkout' || image === undefined) return { kind: 'none' };
  return { kind: 'image', reference: image, pinned: null, commit: null };
}

/** Every `{service.x}` names a service and a port that are there: told now, not when an engine fills them in. */
function checkReferences(services: readonly ServiceSpec[]): void {
  const ports = new Map(services.map((service) => [service.name, new Map(service.expose.map((port) => [port, port]))]));
  for (const { name, references } of services) {
    for (const [variable, text] of Object.entries(references)) {
      try {
        resolveReferences(text, (service) =>
          ports.has(service) ? { host: service, ports: ports.get(service) ?? new Map() } : undefined,
        );
      } catch (thrown) {
        if (!(thrown instanceof SlipwayError)) throw thrown;
        throw new SlipwayError(
          'project.invalid',
          `services.${name}.x-slipway.environment.${variable}: ${thrown.message}`,
          thrown.hint,
          thrown,
        );
      }
    }
  }
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
