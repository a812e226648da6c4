import { SlipwayError } from '#domain/errors.ts';
import type { Json } from '#domain/plan/change.ts';
import type { NetworkSpec, StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { byLabel, label, networkName, stackLabels } from './names.ts';
import { compact, type JsonMap, sortedMap } from './native.ts';
import { normaliseNetwork } from './normalise.ts';
import { requireOurs } from './ownership.ts';
import { releaseProbe } from './probe.ts';
import { type Network, networks } from './shapes.ts';
import { allocateMs, releaseMs, until } from './timeouts.ts';

/** Docker's network request. Overlays are attachable, so that a probe container can reach what publishes nothing. */
export function renderNetwork(stack: StackSpec, network: NetworkSpec): JsonMap {
  const overlay = isOverlay(network.driver);
  return compact({
    Name: networkName(stack.name, network),
    CheckDuplicate: true,
    Driver: overlay ? 'overlay' : network.driver,
    Attachable: true,
    Internal: network.internal || null,
    EnableIPv6: network.ipv6 || null,
    // options of the bridge driver mean nothing to an overlay, which refuses some of them
    Options: sortedMap(network.driver === 'bridge' ? {} : network.driverOptions),
    IPAM: compact({ Config: network.subnets.map(renderSubnet) }),
    Labels: sortedMap({
      ...network.labels,
      ...stackLabels(stack.name, stack.project),
      [label.network]: network.key,
      ...(network.subnets.length > 0 ? { [label.subnets]: 'asked' } : {}),
    }),
  });
}

/** A bridge exists on one node only: between nodes its job is an overlay's. */
export const isOverlay = (driver: string | null): boolean =>
  driver === null || driver === 'overlay' || driver === 'bridge';

const renderSubnet = (one: NetworkSpec['subnets'][number]): JsonMap =>
  compact({ Subnet: one.subnet, Gateway: one.gateway, IPRange: one.ipRange });

/** Makes the network, or finds it made. Two runs at once make one: the second finds the name taken, and looks again. */
export async function createNetwork(
  swarm: Swarm,
  stack: StackSpec,
  spec: NetworkSpec,
  signal: AbortSignal,
): Promise<Json> {
  const name = networkName(stack.name, spec);
  const there = await findNetwork(swarm.api, name, signal);
  if (there) {
    requireOurs('network', name, there.Labels, stack.name);
  } else {
    try {
      const body = renderNetwork(stack, spec);
      await swarm.api.call(anything, { method: 'POST', path: '/networks/create', body }, signal);
    } catch (error) {
      if (!(error instanceof EngineAnswer && error.status === 409)) throw error;
    }
  }
  const made = await allocatedNetwork(swarm.api, name, signal);
  requireOurs('network', name, made.Labels, stack.name);
  return normaliseNetwork(made);
}

/**
 * The network once the manager has given it its driver and addresses. It answers for it some milliseconds earlier, with an empty
 * driver: recorded so, the network would show as changed by somebody else from then on.
 */
async function allocatedNetwork(api: EngineApi, name: string, signal: AbortSignal): Promise<Network> {
  let found: Network | undefined;
  const attempt = async (): Promise<boolean> => {
    found = await findNetwork(api, name, signal);
    return found !== undefined && found.Driver !== '';
  };
  const late = (): SlipwayError =>
    found === undefined
      ? new SlipwayError('engine.unreachable', `network '${name}' was made, but is not there`)
      : new SlipwayError(
          'engine.refused',
          `network '${name}' was made, but the swarm gave it no addresses within ${allocateMs / 1000} s`,
          'its address pool may be used up: remove networks that nobody uses (`docker network prune`)',
        );
  await until(allocateMs, signal, attempt, late);
  if (!found) throw late();
  return found;
}

/** A network by its exact name; the swarm’s own before a node’s. */
export async function findNetwork(api: EngineApi, name: string, signal: AbortSignal): Promise<Network | undefined> {
  const query = { filters: { name: { [name]: true } } };
  const found = await api.call(networks, { path: '/networks', query }, signal);
  // the filter also finds names that contain this one, and a node's own network may have the same name
  const exact = found.filter((one) => one.Name === name);
  return exact.find((one) => one.Scope === 'swarm') ?? exact[0];
}

/** Every network with the stack’s label. */
export async function stackNetworks(
  api: EngineApi,
  stack: StackName,
  signal: AbortSignal,
): Promise<readonly Network[]> {
  const filters = byLabel(label.stack, stack);
  return api.call(networks, { path: '/networks', query: { filters } }, signal);
}

/** Removes a network of ours once nothing is attached to it any more. Also the probe lets go of it. */
export async function removeNetwork(
  swarm: Swarm,
  stack: StackName,
  network: Network,
  signal: AbortSignal,
): Promise<void> {
  requireOurs('network', network.Name, network.Labels, stack);
  await releaseProbe(swarm.api, stack, signal);
  let last = '';
  const attempt = async (): Promise<boolean> => {
    try {
      await swarm.api.find(anything, { method: 'DELETE', path: `/networks/${network.Id}` }, signal);
      // the engine says yes before the overlay is gone
      return (await findNetwork(swarm.api, network.Name, signal))?.Id !== network.Id;
    } catch (error) {
      if (!(error instanceof EngineAnswer)) throw error;
      last = error.message;
      return false;
    }
  };
  await until(releaseMs, signal, attempt, () => inUse('network', network.Name, last));
}

/** The error of a thing that could not be removed in time. */
export const inUse = (what: string, name: string, last: string): SlipwayError =>
  new SlipwayError(
    'engine.unreachable',
    `${what} '${name}' is still in use after ${releaseMs / 1000} s: ${last}`,
    `see who uses it: \`docker ${what} inspect ${name}\``,
  );
