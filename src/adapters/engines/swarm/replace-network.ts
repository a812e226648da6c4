import type { Json } from '#domain/plan/change.ts';
import { canonical } from '#domain/stack/hash.ts';
import type { NetworkSpec, StackSpec } from '#domain/stack/spec.ts';
import { attachNetwork, detachNetwork } from './attachments.ts';
import type { Swarm } from './context.ts';
import { networkName } from './names.ts';
import { createNetwork, findNetwork, removeNetwork, renderNetwork } from './networks.ts';
import { normaliseNetwork } from './normalise.ts';
import { requireOurs } from './ownership.ts';
import type { Network } from './shapes.ts';

/**
 * Makes a network anew: its services let go of it, it is removed and made, and those of the specification that run take it
 * again. Each step looks first, so that after a crash in between the same call finishes it; what has to be attached
 * comes from the specification, never from memory.
 */
export async function replaceNetwork(
  swarm: Swarm,
  desired: StackSpec,
  spec: NetworkSpec,
  signal: AbortSignal,
): Promise<Json> {
  const name = networkName(desired.name, spec);
  const there = await findNetwork(swarm.api, name, signal);
  if (there) requireOurs('network', name, there.Labels, desired.name);
  if (there && !isAsWanted(there, desired, spec)) {
    await detachNetwork(swarm, desired.name, there, signal);
    await removeNetwork(swarm, desired.name, there, signal);
  }
  const native = await createNetwork(swarm, desired, spec, signal);
  await attachNetwork(swarm, desired, spec, signal);
  return native;
}

/** Compares what was asked for, as far as it can be asked for; labels may differ. */
function isAsWanted(there: Network, desired: StackSpec, spec: NetworkSpec): boolean {
  const body = renderNetwork(desired, spec);
  const wanted = normaliseNetwork({
    Id: '',
    Name: there.Name,
    Driver: String(body.Driver),
    Internal: body.Internal === true,
    Attachable: true,
    EnableIPv6: body.EnableIPv6 === true,
    Options: spec.driver === 'bridge' ? {} : { ...spec.driverOptions },
    IPAM: { Config: spec.subnets.map((one) => subnet(one)) },
    Labels: spec.subnets.length > 0 ? there.Labels : withoutSubnets(there.Labels),
  });
  return comparable(normaliseNetwork(there)) === comparable(wanted);
}

const subnet = (one: NetworkSpec['subnets'][number]): Record<string, string> => ({
  ...(one.subnet === null ? {} : { Subnet: one.subnet }),
  ...(one.gateway === null ? {} : { Gateway: one.gateway }),
  ...(one.ipRange === null ? {} : { IPRange: one.ipRange }),
});

const withoutSubnets = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => key !== 'slipway.subnets'));

const comparable = (native: Json): string => {
  if (native === null || typeof native !== 'object' || Array.isArray(native)) return canonical(native);
  return canonical({ ...native, Labels: null });
};
