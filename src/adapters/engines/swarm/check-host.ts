import type { Finding } from '#domain/plan/change.ts';
import type { ServiceSpec } from '#domain/stack/spec.ts';
import { findingsOf } from './finding.ts';

/** Compose keys without which a service would not be what it says. */
const impossible: Readonly<Record<string, string>> = {
  cgroup: 'cgroup namespaces',
  cgroup_parent: 'a parent control group',
  device_cgroup_rules: 'device rules',
  devices: 'devices',
  external_links: 'links to containers outside the stack',
  gpus: 'GPUs by this key',
  ipc: 'IPC modes',
  pid: 'PID modes',
  privileged: 'privileged containers',
  runtime: 'another container runtime',
  userns_mode: 'user namespace modes',
  uts: 'UTS modes',
  volumes_from: 'the volumes of another container',
};
/** What Slipway or the swarm does in its own way, without a loss. */
const covered: ReadonlySet<string> = new Set([
  'attach',
  'build',
  'pull_policy',
  'develop',
  'profiles',
  'scale',
  'version',
]);

/** What reaches out of the container, and Compose keys that no service of a swarm has. */
export function checkHost(service: ServiceSpec): readonly Finding[] {
  const { host } = service;
  const { refused, differs } = findingsOf(service);
  const found: Finding[] = [];
  if (host.privileged)
    found.push(refused('privileged', 'Swarm has no privileged containers; `cap_add` gives single rights'));
  if (host.devices.length > 0)
    found.push(refused('devices', `Swarm gives no devices to services (${host.devices.join(', ')})`));
  if (host.pidMode !== null) found.push(refused('pid', `Swarm has no PID modes ('${host.pidMode}')`));
  if (host.ipcMode !== null && host.ipcMode !== 'private')
    found.push(refused('ipc', `Swarm has no IPC modes ('${host.ipcMode}')`));
  if (host.securityOptions.length > 0)
    found.push(
      differs(
        'security_opt',
        `Swarm services take no security options: left out are ${host.securityOptions.join(', ')}`,
      ),
    );
  return [...found, ...checkNetworkMode(service), ...checkOther(service)];
}

function checkNetworkMode(service: ServiceSpec): Finding[] {
  const { networkMode } = service.host;
  if (networkMode === 'none')
    return [
      findingsOf(service).refused(
        'network_mode',
        "Swarm cannot run a service without a network ('none'); give it a network of its own with `internal: true`",
      ),
    ];
  if (networkMode === null || networkMode === 'host' || networkMode === 'bridge') return [];
  return [
    findingsOf(service).refused(
      'network_mode',
      `Swarm cannot share another container's network ('${networkMode}'); put both on one network`,
    ),
  ];
}

function checkOther(service: ServiceSpec): readonly Finding[] {
  const { refused, differs, note } = findingsOf(service);
  const others = Object.entries(service.host.other);
  const found = others.flatMap(([field, value]) => {
    const key = field.split(/[.[]/)[0] ?? field;
    if (covered.has(key) || isSelinux(field)) return [];
    if (key === 'container_name')
      return [
        note(field, `Swarm names containers itself; others reach the service as '${String(value)}' all the same`),
      ];
    if (key === 'links') return checkLinks(service, field, value);
    const what = impossible[key];
    if (what !== undefined) return [refused(field, `Swarm services have no ${what}`)];
    return [differs(field, `Swarm services have no '${field}': it is left out`)];
  });
  return others.some(([field]) => isSelinux(field)) ? [...found, note('volumes', relabelled)] : found;
}

const isSelinux = (field: string): boolean => field.startsWith('volumes.') && field.endsWith('.selinux');
const relabelled = 'Swarm gives no SELinux labels (`:z`, `:Z`): where nodes have SELinux, label the paths there';

/** On a network every service is found by its name; only a link under another name is something more. */
function checkLinks(service: ServiceSpec, field: string, value: unknown): Finding[] {
  const { refused, note } = findingsOf(service);
  const links = Array.isArray(value) ? value.map(String) : [];
  const renamed = links.filter((link) => link.includes(':') && link.split(':')[0] !== link.split(':')[1]);
  if (renamed.length > 0)
    return [refused(field, `Swarm has no links (${renamed.join(', ')}); give that service an alias on the network`)];
  return [note(field, 'links are not needed: services find each other by name')];
}
