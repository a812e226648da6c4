import type { Port, ServiceSpec } from '#domain/stack/spec.ts';
import { compact, type JsonMap } from './native.ts';

/** What decides how a service is published: the kernel's IPVS, and how many nodes there are. */
export interface Ground {
  readonly ipvs: boolean;
  readonly nodes: number;
}

export interface Endpoint {
  readonly mode: 'vip' | 'dnsrr';
  readonly portMode: (port: Port) => 'host' | 'ingress';
}

/**
 * How a service is found and published. What the file says holds. Where it does not: DNS round robin and host-mode
 * ports, which work without IPVS and show the client's address. Only where one fixed host port is for more
 * instances than there are nodes, and the kernel has IPVS, the routing mesh. Source: design.md, 'The engine contract'.
 */
export function endpointOf(service: ServiceSpec, ground: Ground): Endpoint {
  const asked = service.host.endpointMode;
  const said = service.ports.some((port) => port.mode === 'ingress');
  const mesh = said || (asked === null && ground.ipvs && isCrowded(service, ground.nodes));
  const mode = asked ?? (mesh ? 'vip' : 'dnsrr');
  return { mode, portMode: (port) => port.mode ?? (mesh && mode === 'vip' ? 'ingress' : 'host') };
}

/** More instances than nodes want the same host port: in host mode those that are left over stay pending. */
export function isCrowded(service: ServiceSpec, nodes: number): boolean {
  const fixed = service.ports.some((port) => port.published !== null && port.mode !== 'ingress');
  return fixed && service.mode.kind === 'replicated' && service.mode.replicas > nodes;
}

/** A host port is one instance's at a time: the old one must go before the new one comes. */
export function holdsHostPort(service: ServiceSpec, ground: Ground): boolean {
  const { portMode } = endpointOf(service, ground);
  return service.ports.some((port) => port.published !== null && portMode(port) === 'host');
}

/** Ports and endpoint mode as the Engine API takes them, by what this kernel can do. */
export function renderEndpoint(service: ServiceSpec, ground: Ground): JsonMap {
  const { mode, portMode } = endpointOf(service, ground);
  return compact({
    Mode: mode,
    Ports: service.ports.map((port) =>
      compact({
        Protocol: port.protocol,
        TargetPort: port.target,
        PublishedPort: port.published?.[0] ?? null,
        PublishMode: portMode(port),
      }),
    ),
  });
}
