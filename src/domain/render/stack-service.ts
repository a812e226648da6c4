import { SlipwayError } from '../errors.ts';
import { resolveReferences, type ServiceAddress } from '../stack/references.ts';
import type { FileMount, HealthCheck, Mode, Mount, Port, ServiceSpec, StackSpec } from '../stack/spec.ts';
import { said } from './said.ts';

/** One service as Compose writes it for a swarm. What a swarm ignores is left out. */
export function renderService(service: ServiceSpec, spec: StackSpec): unknown {
  const { process: settings, host, resources } = service;
  const mounts = service.mounts.map(mountEntry);
  const shm = { type: 'tmpfs', target: '/dev/shm', tmpfs: { size: resources.shmBytes } };
  return said({
    image: imageOf(service),
    // `['']` says the empty entrypoint, which an empty list would not
    entrypoint: service.entrypoint?.length === 0 ? [''] : service.entrypoint,
    command: service.command,
    environment: environmentOf(service, spec),
    labels: service.labels,
    deploy: deployEntry(service),
    healthcheck: service.health && healthEntry(service.health),
    ports: service.ports.map(portEntry),
    volumes: resources.shmBytes === null ? mounts : [...mounts, shm],
    networks: Object.fromEntries(service.networks.map(({ network, aliases }) => [network, said({ aliases })])),
    configs: service.files.filter((file) => file.kind === 'config').map(fileEntry),
    secrets: service.files.filter((file) => file.kind === 'secret').map(fileEntry),
    user: settings.user,
    working_dir: settings.workingDirectory,
    hostname: settings.hostname,
    stop_signal: settings.stopSignal,
    stop_grace_period: duration(settings.stopGraceMs),
    init: settings.init,
    tty: settings.tty,
    stdin_open: settings.stdin,
    read_only: settings.readOnly,
    cap_add: host.capAdd,
    cap_drop: host.capDrop,
    sysctls: host.sysctls,
    extra_hosts: host.extraHosts,
    dns: host.dns.servers,
    dns_search: host.dns.search,
    ulimits: resources.ulimits,
    logging: service.logging && { driver: service.logging.driver, options: service.logging.options },
  });
}

function imageOf({ name, artifact }: ServiceSpec): string {
  if (artifact.kind === 'image') return artifact.pinned ?? artifact.reference;
  throw new SlipwayError(
    'plan.refused',
    `service '${name}' runs as a process of a checkout: a stack.yml can only name images`,
    'render a stack that runs on a swarm',
  );
}

function environmentOf(service: ServiceSpec, spec: StackSpec): Readonly<Record<string, string>> {
  const addressOf = (name: string): ServiceAddress | undefined => {
    const target = spec.services.find((one) => one.name === name);
    const ports = target && [...new Set([...target.expose, ...target.ports.map((port) => port.target)])];
    return ports && { host: name, ports: new Map(ports.map((port) => [port, port])) };
  };
  const referring = Object.entries(service.references).map(([key, text]) => [key, resolveReferences(text, addressOf)]);
  return { ...service.environment, ...Object.fromEntries(referring) };
}

function deployEntry(service: ServiceSpec): unknown {
  const { placement, resources, restart, rollout, host } = service;
  const { limits, reservations } = resources;
  const isJob = service.mode.kind === 'job';
  return said({
    ...modeEntry(service.mode),
    labels: service.deployLabels,
    endpoint_mode: host.endpointMode,
    placement: said({
      constraints: placement.constraints,
      preferences: placement.spread.map((spread) => ({ spread })),
      max_replicas_per_node: placement.maxPerNode,
    }),
    resources: said({
      limits: said({ cpus: cpus(limits.cpus), memory: bytes(limits.memoryBytes), pids: limits.pids }),
      reservations: said({ cpus: cpus(reservations.cpus), memory: bytes(reservations.memoryBytes) }),
    }),
    restart_policy: said({
      // a job ends by itself: a swarm refuses to restart it for that
      condition: isJob && restart.condition === 'any' ? 'on-failure' : restart.condition,
      delay: duration(restart.delayMs),
      max_attempts: restart.maxAttempts,
      window: duration(restart.windowMs),
    }),
    ...(isJob ? {} : { update_config: updateEntry(rollout) }),
  });
}

const updateEntry = (rollout: ServiceSpec['rollout']) =>
  said({
    order: rollout.order,
    parallelism: rollout.parallelism,
    delay: rollout.delayMs === 0 ? null : duration(rollout.delayMs),
    monitor: duration(rollout.stabilityMs),
  });

function modeEntry(mode: Mode): { readonly mode: string; readonly replicas?: number } {
  switch (mode.kind) {
    case 'replicated':
      return { mode: 'replicated', replicas: mode.replicas };
    case 'global':
      return { mode: 'global' };
    case 'job':
      return { mode: 'replicated-job', replicas: mode.completions };
    default:
      return mode satisfies never;
  }
}

const healthEntry = (health: HealthCheck) =>
  said({
    test: health.test,
    interval: duration(health.intervalMs),
    timeout: duration(health.timeoutMs),
    start_period: duration(health.startPeriodMs),
    retries: health.retries,
  });

/** A range is for one instance each, which a swarm does not know: its first port is written. */
const portEntry = (port: Port) =>
  said({
    target: port.target,
    published: port.published?.[0] ?? null,
    protocol: port.protocol,
    mode: port.mode,
  });

function mountEntry(mount: Mount): unknown {
  switch (mount.kind) {
    case 'volume':
      return said({
        type: 'volume',
        source: mount.source,
        target: mount.target,
        read_only: mount.readOnly,
        volume: said({ nocopy: mount.noCopy }),
      });
    case 'bind':
      return said({
        type: 'bind',
        source: mount.source,
        target: mount.target,
        read_only: mount.readOnly,
        bind: said({ propagation: mount.propagation }),
      });
    case 'tmpfs':
      return said({ type: 'tmpfs', target: mount.target, tmpfs: said({ size: mount.sizeBytes }) });
    default:
      return mount satisfies never;
  }
}

const fileEntry = (file: FileMount) => ({
  source: file.file,
  target: file.target,
  uid: file.uid,
  gid: file.gid,
  mode: file.mode,
});

const duration = (ms: number | null): string | null => (ms === null ? null : `${ms}ms`);
const bytes = (value: number | null): string | null => (value === null ? null : String(value));
const cpus = (value: number | null): string | null => (value === null ? null : String(value));
