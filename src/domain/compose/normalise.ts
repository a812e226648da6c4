import type { JsonObject } from './fields/field.ts';
import type { ComposeBuild, ComposeDependency, ComposeNetwork, ComposeProject, ComposeService } from './model.ts';

type Named = Readonly<Record<string, { readonly name?: string; readonly external?: boolean }>>;

/**
 * What the specification leaves implicit, made explicit: the default network, names of resources, dependencies that
 * follow from links and shared namespaces. Source: the Compose Specification and compose-go's normalisation.
 */
export function normalise(model: JsonObject, name: string): ComposeProject {
  // The field table has checked every value: this is where JSON becomes the typed model.
  const read = model as unknown as Omit<ComposeProject, 'name'> & { readonly name?: string };
  const services = mapValues(read.services ?? {}, normaliseService);
  const usesDefault = Object.values(services).some((service) => Object.hasOwn(service.networks ?? {}, 'default'));
  const { default: declared, ...others } = read.networks ?? {};
  const isThere = usesDefault || declared !== undefined;
  const networks: Record<string, Partial<ComposeNetwork>> = isThere ? { ...others, default: declared ?? {} } : others;
  return {
    ...read,
    name,
    services,
    ...named('networks', mapValues(networks, withIpam), name),
    ...named('volumes', read.volumes ?? {}, name),
    ...named('secrets', read.secrets ?? {}, name),
    ...named('configs', read.configs ?? {}, name),
  };
}

const withIpam = (network: Partial<ComposeNetwork>): Partial<ComposeNetwork> => ({ ipam: {}, ...network });

function named(section: string, resources: Named, project: string): Record<string, unknown> {
  if (Object.keys(resources).length === 0) return {};
  return {
    [section]: Object.fromEntries(
      Object.entries(resources).map(([key, resource]) => [
        key,
        { ...resource, name: resource.name ?? (resource.external === true ? key : `${project}_${key}`) },
      ]),
    ),
  };
}

function normaliseService(service: ComposeService): ComposeService {
  const isAttached = service.network_mode !== undefined || service.provider !== undefined;
  const dependencies = { ...impliedDependencies(service), ...service.depends_on };
  const { network_mode: mode = '', ...rest } = service;
  return {
    ...rest,
    ...(mode === '' ? {} : { network_mode: mode }),
    command: service.command ?? null,
    entrypoint: service.entrypoint ?? null,
    ...(service.networks === undefined && !isAttached ? { networks: { default: null } } : {}),
    // Docker compose prints these parts of a deploy, be they empty.
    ...(service.deploy === undefined ? {} : { deploy: { resources: {}, placement: {}, ...service.deploy } }),
    ...(service.scale !== undefined && service.deploy !== undefined && service.deploy.replicas === undefined
      ? { deploy: { resources: {}, placement: {}, ...service.deploy, replicas: service.scale } }
      : {}),
    ...(service.pull_policy === 'if_not_present' ? { pull_policy: 'missing' } : {}),
    ...(Object.keys(dependencies).length > 0 ? { depends_on: dependencies } : {}),
    ...(service.pre_start === undefined || service.image === undefined
      ? {}
      : { pre_start: service.pre_start.map((hook) => ({ ...hook, image: hook.image ?? service.image ?? '' })) }),
    ...(service.build === undefined ? {} : { build: withKnownArgs(service.build) }),
  };
}

/** Build arguments without a value are dropped. */
function withKnownArgs(build: ComposeBuild): ComposeBuild {
  const { args, ...rest } = build;
  const known = Object.entries(args ?? {}).filter(([, value]) => value !== null);
  return known.length === 0 ? rest : { ...rest, args: Object.fromEntries(known) };
}

/** Dependencies that follow from links, shared namespaces and volumes. */
function impliedDependencies(service: ComposeService): Record<string, ComposeDependency> {
  const out: Record<string, ComposeDependency> = {};
  const add = (name: string, restart: boolean): void => {
    out[name] ??= { condition: 'service_started', ...(restart ? { restart } : {}), required: true };
  };
  for (const link of service.links ?? []) add(link.split(':')[0] ?? link, true);
  for (const mode of [service.network_mode, service.ipc, service.pid, service.uts, service.cgroup]) {
    if (mode?.startsWith('service:') === true) add(mode.slice('service:'.length), true);
  }
  for (const from of service.volumes_from ?? []) {
    if (!from.startsWith('container:')) add(from.split(':')[0] ?? from, false);
  }
  return out;
}

/** An object with each value changed, in the same order. */
export const mapValues = <T, U>(
  values: Readonly<Record<string, T>>,
  change: (value: T, key: string) => U,
): Record<string, U> => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
