import type { ComposeService } from '../../compose/model.ts';
import type { HostAccess, ProcessSettings } from '../spec.ts';
import { otherMounts } from './mounts.ts';
import { millis, sorted, sortedMap } from './numbers.ts';
import { otherParts } from './unheld.ts';

/** How the process in the container runs: user, folder, signals and streams. */
export function processOf(service: ComposeService): ProcessSettings {
  return {
    user: service.user ?? null,
    groups: sorted(service.group_add),
    workingDirectory: service.working_dir ?? null,
    hostname: service.hostname ?? null,
    stopSignal: service.stop_signal ?? null,
    stopGraceMs: millis(service.stop_grace_period),
    init: service.init ?? null,
    tty: service.tty ?? false,
    stdin: service.stdin_open ?? false,
    readOnly: service.read_only ?? false,
  };
}

/** What of its host a service asks for: all of it is said at plan time. */
export function hostOf(service: ComposeService): HostAccess {
  const endpoint = service.deploy?.endpoint_mode;
  return {
    privileged: service.privileged ?? false,
    capAdd: sorted(service.cap_add),
    capDrop: sorted(service.cap_drop),
    securityOptions: sorted(service.security_opt),
    sysctls: sortedMap(service.sysctls),
    devices: sorted((service.devices ?? []).map((device) => `${device.source}:${device.target}:${device.permissions}`)),
    networkMode: service.network_mode ?? null,
    pidMode: service.pid ?? null,
    ipcMode: service.ipc ?? null,
    extraHosts: sorted(service.extra_hosts),
    dns: {
      servers: [...(service.dns ?? [])],
      search: [...(service.dns_search ?? [])],
      options: [...(service.dns_opt ?? [])],
    },
    endpointMode: endpoint === 'vip' || endpoint === 'dnsrr' ? endpoint : null,
    other: otherOf(service),
  };
}

/** Keys that stand in fields of their own, or that mean nothing once loaded. */
const known = new Set(
  `build cap_add cap_drop command configs cpus depends_on deploy devices dns dns_opt dns_search entrypoint environment
   expose extra_hosts group_add healthcheck hostname image init ipc labels logging mem_limit mem_reservation network_mode
   networks pid pids_limit platform ports privileged profiles read_only restart scale secrets security_opt shm_size
   stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes working_dir annotations attach develop
   pull_policy links volumes_from`.split(/\s+/),
);

function otherOf(service: ComposeService): Readonly<Record<string, unknown>> {
  const rest = Object.entries(service).filter(([key, value]) => !known.has(key) && !isEmpty(value));
  const generic = service.deploy?.resources?.reservations;
  const extra: (readonly [string, unknown])[] = [
    ...otherParts(service),
    ['volumes', otherMounts(service)],
    ['deploy.resources.reservations.devices', generic?.devices],
    ['deploy.resources.reservations.generic_resources', generic?.generic_resources],
  ];
  return sortedMap(Object.fromEntries([...rest, ...extra.filter(([, value]) => !isEmpty(value))]));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
