import { SlipwayError } from '#domain/errors.ts';
import type { Change, Json } from '#domain/plan/change.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { Swarm } from './context.ts';
import { createFile, removeFile, stackFiles, versionedOf } from './files.ts';
import { label, serviceName } from './names.ts';
import { createNetwork, removeNetwork, stackNetworks } from './networks.ts';
import { replaceNetwork } from './replace-network.ts';
import { findService, removeService, writeService } from './services.ts';
import { createVolume, refuseReplacement, removeVolume, stackVolumes } from './volumes.ts';

/** Makes one change, looking before it acts. Gives back the thing as the engine has it then, `null` once it is removed. */
export async function applyChange(
  swarm: Swarm,
  desired: StackSpec,
  change: Change,
  signal: AbortSignal,
): Promise<Json> {
  if (change.action === 'remove') {
    await removeThing(swarm, desired.name, change, signal);
    return null;
  }
  switch (change.kind) {
    case 'service':
      return writeService(swarm, desired, serviceOf(desired, change), change.action, signal);
    case 'network':
      return writeNetwork(swarm, desired, change, signal);
    case 'volume':
      return writeVolume(swarm, desired, change, signal);
    case 'config':
    case 'secret':
      return createFile(swarm, desired, change.kind, change.name, signal);
    default:
      return change.kind satisfies never;
  }
}

function serviceOf(desired: StackSpec, change: Change): ServiceSpec {
  const service = desired.services.find((one) => one.name === change.name);
  if (service) return service;
  throw notDesired(change);
}

async function writeNetwork(swarm: Swarm, desired: StackSpec, change: Change, signal: AbortSignal): Promise<Json> {
  const network = desired.networks.find((one) => one.key === change.name);
  if (!network || network.external !== null) throw notDesired(change);
  if (change.action === 'replace') return replaceNetwork(swarm, desired, network, signal);
  // labels are all that can differ without a replacement, and Docker cannot change those: what is there stays
  return createNetwork(swarm, desired, network, signal);
}

async function writeVolume(swarm: Swarm, desired: StackSpec, change: Change, signal: AbortSignal): Promise<Json> {
  const volume = desired.volumes.find((one) => one.key === change.name);
  if (!volume || volume.external !== null) throw notDesired(change);
  if (change.action === 'replace') throw refuseReplacement(change.name);
  return createVolume(swarm, desired, volume, signal);
}

const notDesired = ({ kind, name }: Change): SlipwayError =>
  new SlipwayError('engine.refused', `${kind} '${name}' is not in the specification that is to be applied`);

async function removeThing(swarm: Swarm, stack: StackName, change: Change, signal: AbortSignal): Promise<void> {
  const { api } = swarm;
  switch (change.kind) {
    case 'service': {
      const live = await findService(api, serviceName(stack, change.name), signal);
      if (live) await removeService(swarm, stack, live, signal);
      return;
    }
    case 'network': {
      const all = await stackNetworks(api, stack, signal);
      for (const one of all)
        if (one.Labels[label.network] === change.name) await removeNetwork(swarm, stack, one, signal);
      return;
    }
    case 'volume': {
      const all = await stackVolumes(api, stack, signal);
      for (const one of all)
        if (one.Labels[label.volume] === change.name) await removeVolume(swarm, stack, one, signal);
      return;
    }
    case 'config':
    case 'secret': {
      const all = await stackFiles(api, change.kind, stack, signal);
      for (const one of all)
        if (versionedOf(one) === change.name) await removeFile(api, change.kind, stack, one, signal);
      return;
    }
    default:
      return change.kind satisfies never;
  }
}
