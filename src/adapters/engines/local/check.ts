import type { Finding } from '#domain/plan/change.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { hasTcpPort } from './health.ts';
import { argvOf, localHint } from './launch.ts';

type Rule = readonly [level: Finding['level'], field: string, applies: boolean, message: string];

/** What of a specification cannot run as a process of this machine, and what runs with a difference. */
export function findingsOf(spec: StackSpec, isRoot: boolean): readonly Finding[] {
  return spec.services.flatMap((service) =>
    [...refusals(spec, service), ...differences(service, isRoot)]
      .filter(([, , applies]) => applies)
      .map(([level, field, , message]) => ({ level, service: service.name, field, message })),
  );
}

function refusals(spec: StackSpec, service: ServiceSpec): readonly Rule[] {
  const { host, local, artifact } = service;
  const isBuilt = artifact.kind === 'checkout' || artifact.kind === 'unbuilt';
  const external = service.files.filter(
    (mount) => spec.files.find((file) => file.key === mount.file && file.kind === mount.kind)?.base64 === null,
  );
  const namespaces = [host.pidMode, host.ipcMode].filter((mode) => mode !== null && mode !== 'host');
  return [
    [
      'refused',
      'image',
      local === null && !isBuilt,
      `it is an image only, and there are no containers here: ${localHint}`,
    ],
    [
      'refused',
      'command',
      argvOf(service) === null && (local !== null || isBuilt),
      `nothing says what to run: ${localHint}`,
    ],
    ['refused', 'privileged', host.privileged, 'a process of this machine cannot be given the machine'],
    ['refused', 'cap_add', host.capAdd.length > 0, 'capabilities cannot be added to a process of this machine'],
    ['refused', 'devices', host.devices.length > 0, 'devices cannot be given to a process of this machine'],
    [
      'refused',
      'network_mode',
      host.networkMode === 'none',
      'a process of this machine cannot be kept from the network',
    ],
    ['refused', 'pid', namespaces.length > 0, 'a process of this machine has no namespaces to share'],
    [
      'refused',
      'files',
      external.length > 0,
      `the content of ${external.map((one) => one.file).join(', ')} is not known here`,
    ],
  ];
}

function differences(service: ServiceSpec, isRoot: boolean): readonly Rule[] {
  return [...differencesOfPlace(service), ...differencesOfRun(service, isRoot)];
}

function differencesOfPlace(service: ServiceSpec): readonly Rule[] {
  const { host, mounts, files } = service;
  const networks = service.networks.filter((one) => one.network !== 'default' || one.aliases.length > 0);
  const folders = mounts.filter((mount) => mount.kind === 'volume' && mount.source !== null);
  const other = mounts.filter((mount) => mount.kind !== 'volume' || mount.source === null);
  return [
    ['differs', 'networks', networks.length > 0, 'nothing is separated here: every service reaches every other one'],
    [
      'differs',
      'networks.names',
      Object.keys(service.references).length === 0 && service.expose.length > 0,
      `the name '${service.name}' does not resolve here: others reach it by {service.${service.name}}`,
    ],
    [
      'differs',
      'mounts',
      folders.length > 0,
      'a volume is a folder, whose path is in SLIPWAY_VOLUME_<NAME>, not mounted',
    ],
    [
      'differs',
      'mounts.other',
      other.length > 0,
      'binds and tmpfs are not mounted: the process sees the files of the machine',
    ],
    ['differs', 'files', files.length > 0, 'configs and secrets are files whose paths are in SLIPWAY_FILE_<NAME>'],
    [
      'differs',
      'extra_hosts',
      host.extraHosts.length + host.dns.servers.length > 0,
      'names are those that the machine knows',
    ],
    [
      'differs',
      'placement',
      service.placement.constraints.length > 0,
      'there is one node only, and constraints do not count',
    ],
  ];
}

function differencesOfRun(service: ServiceSpec, isRoot: boolean): readonly Rule[] {
  const { limits, reservations, ulimits } = service.resources;
  const sizes = [limits.cpus, limits.memoryBytes, limits.pids, reservations.cpus, reservations.memoryBytes];
  const isLimited = sizes.some((size) => size !== null) || Object.keys(ulimits).length > 0;
  const copies = service.mode.kind === 'replicated' ? service.mode.replicas : 1;
  const fixed = service.ports.filter((port) => port.published && port.published[1] - port.published[0] + 1 < copies);
  const isShell = service.health?.test[0] === 'CMD-SHELL' && !service.local?.health;
  return [
    ['differs', 'resources', isLimited, 'limits of CPU, memory and processes are not enforced'],
    [
      'differs',
      'ports',
      fixed.length > 0,
      'only the first replicas have the published ports; the others get ports of their own',
    ],
    [
      'differs',
      'rollout.order',
      service.rollout.order === 'start-first',
      'an instance keeps its port over updates, so the old one stops before the new one starts',
    ],
    [
      'differs',
      'healthcheck',
      isShell,
      hasTcpPort(service)
        ? 'a shell is never run here: its first port is tried instead'
        : 'a shell is never run here, and it has no port to try: it runs unchecked',
    ],
    ['differs', 'user', service.process.user !== null && !isRoot, 'only root can change the user: it runs as yours'],
    [
      'differs',
      'process',
      service.process.tty || service.process.readOnly,
      'terminals and read-only roots need containers',
    ],
    ['differs', 'cap_drop', service.host.capDrop.length > 0, 'a process of this machine has the rights of its user'],
  ];
}
