import { createHash } from 'node:crypto';
import type { Json } from '#domain/plan/change.ts';
import type { NetworkSpec, VolumeSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';

/** What marks a thing as Slipway's. `namespace` is Docker's own: `docker stack ls` and Portainer go by it. */
export const label = {
  namespace: 'com.docker.stack.namespace',
  stack: 'slipway.stack',
  project: 'slipway.project',
  service: 'slipway.service',
  network: 'slipway.network',
  volume: 'slipway.volume',
  /** The versioned name of a config or secret. */
  file: 'slipway.file',
  /** An HMAC of the specification, never a plain hash: it covers secrets. */
  spec: 'slipway.spec',
  /** A hash of ports and endpoint mode, on the container: what runs with the old ones is not current. */
  endpoint: 'slipway.endpoint',
  /** The first declared container port, on the container. */
  port: 'slipway.port',
  /** Subnets were asked for; else they are the engine's choice and change by themselves. */
  subnets: 'slipway.subnets',
  probe: 'slipway.probe',
} as const;

/** Labels of everything that belongs to a stack: what lacks them is never touched. */
export const stackLabels = (stack: StackName, project: string): Readonly<Record<string, string>> => ({
  [label.namespace]: stack,
  [label.stack]: stack,
  [label.project]: project,
});

/** Compose allows dots in a service's name, Swarm does not. */
export const serviceName = (stack: StackName, service: string): string => `${stack}_${service.replaceAll('.', '-')}`;

/** A network's name on the engine. */
export const networkName = (stack: StackName, network: NetworkSpec): string =>
  network.external ?? network.name ?? `${stack}_${network.key}`;

/** A volume's name on the engine. */
export const volumeName = (stack: StackName, volume: VolumeSpec): string =>
  volume.external ?? volume.name ?? `${stack}_${volume.key}`;

const longestName = 64;

/** `<stack>_<versioned name>`; longer than Swarm allows, its middle gives way to a hash of the whole. */
export function fileName(stack: StackName, versioned: string): string {
  const name = `${stack}_${versioned}`;
  if (name.length <= longestName) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, longestName - 22)}_${hash}_${versioned.slice(-12)}`;
}

/** A filter by label, as the Engine API wants it. */
export const byLabel = (name: string, value: string): { readonly [key: string]: Json } => ({
  label: { [`${name}=${value}`]: true },
});
