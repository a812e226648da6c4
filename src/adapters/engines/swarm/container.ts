import { SlipwayError } from '#domain/errors.ts';
import { resolveReferences, type ServiceAddress } from '#domain/stack/references.ts';
import type { FileMount, HealthCheck, ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { type BindSource, renderMounts } from './mounts.ts';
import { label, stackLabels } from './names.ts';
import { compact, type JsonMap, nanoseconds, sortedMap } from './native.ts';
import { escapeTemplate } from './template.ts';

export interface FileRef {
  readonly id: string;
  readonly name: string;
}

export interface ContainerParts {
  readonly stack: StackSpec;
  /** The engine's id and name of a config or secret that the service mounts. */
  readonly fileRef: (mount: FileMount) => FileRef;
  readonly bindSource: BindSource;
  /** Of the endpoint: a change of ports alone must make a new container specification. */
  readonly endpointHash: string;
}

/** The container part of a task template. */
export function renderContainer(service: ServiceSpec, parts: ContainerParts): JsonMap {
  const { process, host } = service;
  return compact({
    Image: imageOf(service),
    Labels: containerLabels(service, parts),
    // an empty entrypoint is said with one empty word; an empty list would mean the image's own
    Command: service.entrypoint?.length === 0 ? [''] : service.entrypoint,
    Args: service.command,
    Hostname: process.hostname === null ? null : escapeTemplate(process.hostname),
    Env: renderEnvironment(service, parts.stack),
    Dir: process.workingDirectory,
    User: process.user,
    Groups: process.groups,
    StopSignal: process.stopSignal,
    StopGracePeriod: nanoseconds(process.stopGraceMs),
    Init: process.init,
    TTY: process.tty || null,
    OpenStdin: process.stdin || null,
    ReadOnly: process.readOnly || null,
    Healthcheck: service.health === null ? null : renderHealth(service.health),
    Hosts: host.extraHosts.map(hostLine),
    DNSConfig: compact({ Nameservers: host.dns.servers, Search: host.dns.search, Options: host.dns.options }),
    Mounts: renderMounts(parts.stack, service, parts.bindSource),
    Secrets: service.files.filter((file) => file.kind === 'secret').map((file) => renderFile(file, parts)),
    Configs: service.files.filter((file) => file.kind === 'config').map((file) => renderFile(file, parts)),
    Sysctls: sortedMap(host.sysctls),
    CapabilityAdd: host.capAdd,
    CapabilityDrop: host.capDrop,
    Ulimits: Object.entries(service.resources.ulimits).map(([Name, { soft, hard }]) => ({
      Name,
      Soft: soft,
      Hard: hard,
    })),
  });
}

/** Never a tag: what is deployed cannot move. @throws SlipwayError `engine.refused` */
export function imageOf(service: ServiceSpec): string {
  const { artifact } = service;
  if (artifact.kind === 'image' && artifact.pinned !== null) return artifact.pinned;
  throw new SlipwayError(
    'engine.refused',
    artifact.kind === 'image'
      ? `the image '${artifact.reference}' of service '${service.name}' is not pinned to a digest or an ID`
      : `service '${service.name}' has no image: its artifact is '${artifact.kind}'`,
    'build it, or pin its tag, before it is deployed',
  );
}

function containerLabels(service: ServiceSpec, parts: ContainerParts): Readonly<Record<string, string>> {
  const [port] = containerPorts(service);
  return sortedMap({
    ...service.labels,
    ...stackLabels(parts.stack.name, parts.stack.project),
    [label.service]: service.name,
    [label.endpoint]: parts.endpointHash,
    ...(port === undefined ? {} : { [label.port]: String(port) }),
  });
}

function renderEnvironment(service: ServiceSpec, stack: StackSpec): readonly string[] {
  const addressOf = (name: string): ServiceAddress | undefined => {
    const target = stack.services.find((one) => one.name === name);
    return target && { host: name, ports: new Map(containerPorts(target).map((port) => [port, port])) };
  };
  const referring = Object.entries(service.references).map(([key, text]) => [key, resolveReferences(text, addressOf)]);
  const all = { ...service.environment, ...Object.fromEntries(referring) };
  return Object.entries(sortedMap(all)).map(([key, value]) => `${key}=${escapeTemplate(value)}`);
}

/** In the order in which `{service.NAME}` looks at them: declared ones, then the targets of published ones. */
export const containerPorts = (service: ServiceSpec): readonly number[] => [
  ...new Set([...service.expose, ...service.ports.map((port) => port.target)]),
];

const renderHealth = (health: HealthCheck): JsonMap =>
  compact({
    Test: health.test,
    Interval: nanoseconds(health.intervalMs),
    Timeout: nanoseconds(health.timeoutMs),
    StartPeriod: nanoseconds(health.startPeriodMs),
    StartInterval: nanoseconds(health.startIntervalMs),
    Retries: health.retries,
  });

/** Compose: `name:address` or `name=address`; Swarm: `address name`, as in /etc/hosts. */
function hostLine(entry: string): string {
  const at = entry.search(/[:=]/);
  return at < 0 ? entry : `${entry.slice(at + 1).replace(/^\[(.*)\]$/, '$1')} ${entry.slice(0, at)}`;
}

function renderFile(mount: FileMount, parts: ContainerParts): JsonMap {
  const { id, name } = parts.fileRef(mount);
  const File = { Name: mount.target, UID: mount.uid, GID: mount.gid, Mode: mount.mode };
  return mount.kind === 'secret' ? { File, SecretID: id, SecretName: name } : { File, ConfigID: id, ConfigName: name };
}
