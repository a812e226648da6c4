import type { Finding } from '#domain/plan/change.ts';
import type { Port, ServiceSpec } from '#domain/stack/spec.ts';
import { endpointOf, type Ground, isCrowded } from './endpoint.ts';
import { findingsOf } from './finding.ts';
import { orderOf } from './rollout.ts';

/** What cannot be published so, and what publishing does to updates. */
export function checkEndpoint(service: ServiceSpec, ground: Ground): readonly Finding[] {
  const { refused, differs } = findingsOf(service);
  const endpoint = endpointOf(service, ground);
  const mesh = service.ports.some((port) => endpoint.portMode(port) === 'ingress');
  const found = service.ports.flatMap((port) => checkPort(service, port));
  if (mesh && endpoint.mode === 'dnsrr')
    found.push(refused('ports', 'a port in ingress mode needs `endpoint_mode: vip`: Swarm refuses it with dnsrr'));
  else if (mesh && !ground.ipvs)
    found.push(
      refused(
        'ports',
        'ingress mode needs IPVS, which this kernel does not have: nothing would listen; use `mode: host`',
      ),
    );
  else if (endpoint.mode === 'vip' && !ground.ipvs)
    found.push(
      differs(
        'deploy.endpoint_mode',
        `a virtual address needs IPVS, which this kernel does not have: connections to '${service.name}' would hang; leave the mode out`,
      ),
    );
  return [...found, ...checkCrowd(service, ground), ...checkOrder(service, ground)];
}

function checkPort(service: ServiceSpec, port: Port): Finding[] {
  const { refused } = findingsOf(service);
  const found: Finding[] = [];
  const text = port.published?.join('-') ?? 'any';
  if (!isEverywhere(port.hostIp))
    found.push(
      refused('ports', `port ${text} is published on ${port.hostIp} only: Swarm publishes on every address of a node`),
    );
  if (port.published && port.published[0] !== port.published[1])
    found.push(
      refused('ports', `port ${port.target} is published on a range (${text}): Swarm takes one port, or any free one`),
    );
  return found;
}

/** Whether a published port is bound on all addresses. */
export const isEverywhere = (hostIp: string | null): boolean =>
  hostIp === null || hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::';

function checkCrowd(service: ServiceSpec, ground: Ground): Finding[] {
  const usesMesh = service.ports.every((port) => endpointOf(service, ground).portMode(port) === 'ingress');
  if (!isCrowded(service, ground.nodes) || usesMesh) return [];
  const wanted = service.mode.kind === 'replicated' ? service.mode.replicas : 1;
  const message = `${wanted} instances want the same host port, and there ${ground.nodes === 1 ? 'is 1 node' : `are ${ground.nodes} nodes`}: those left over would wait for ever`;
  return [findingsOf(service).refused('ports', `${message}; leave out the published port, or run fewer`)];
}

function checkOrder(service: ServiceSpec, ground: Ground): Finding[] {
  const { differs, note } = findingsOf(service);
  const { order, why } = orderOf(service, ground);
  const field = 'deploy.update_config.order';
  if (service.mode.kind === 'job' || order === 'start-first') return [];
  if (why === 'host port')
    return [
      differs(field, 'a published host port forces stop-first: each update has a short gap in which nobody answers'),
    ];
  if (why === 'volume')
    return [
      note(
        field,
        'it writes to a volume, so the old instance stops before the new one starts; `order: start-first` says otherwise',
      ),
    ];
  return [];
}

/** Two services that publish one port in host mode: on one node the second would wait for ever. */
export function sharedPorts(services: readonly ServiceSpec[], ground: Ground): readonly Finding[] {
  const first = new Map<string, string>();
  const found: Finding[] = [];
  for (const service of services)
    for (const port of service.ports) {
      if (port.published === null) continue;
      const key = `${port.published[0]}/${port.protocol}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, service.name);
      else if (other !== service.name || ground.nodes === 1)
        found.push(findingsOf(service).refused('ports', `port ${key} is published by '${other}' already`));
    }
  return found;
}
