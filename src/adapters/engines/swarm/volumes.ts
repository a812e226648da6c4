import { SlipwayError } from '#domain/errors.ts';
import type { Json } from '#domain/plan/change.ts';
import type { StackSpec, VolumeSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { volumeLabels } from './mounts.ts';
import { byLabel, label, volumeName } from './names.ts';
import { compact, sortedMap } from './native.ts';
import { inUse } from './networks.ts';
import { normaliseVolume } from './normalise.ts';
import { requireOurs } from './ownership.ts';
import { type Volume, volume as volumeShape, volumes as volumesShape } from './shapes.ts';
import { releaseMs, until } from './timeouts.ts';

/** Makes the volume on this node, or finds it made; other nodes make theirs with the first instance, from its mount. */
export async function createVolume(
  swarm: Swarm,
  stack: StackSpec,
  spec: VolumeSpec,
  signal: AbortSignal,
): Promise<Json> {
  const Name = volumeName(stack.name, spec);
  const there = await swarm.api.find(volumeShape, { path: `/volumes/${encodeURIComponent(Name)}` }, signal);
  if (there) {
    requireOurs('volume', Name, there.Labels, stack.name);
    return normaliseVolume(there);
  }
  const body = compact({
    Name,
    Driver: spec.driver,
    DriverOpts: sortedMap(spec.driverOptions),
    Labels: volumeLabels(stack, spec),
  });
  return normaliseVolume(await swarm.api.call(volumeShape, { method: 'POST', path: '/volumes/create', body }, signal));
}

/** There is no changing a volume, and making it anew would lose what is in it. */
export const refuseReplacement = (name: string): SlipwayError =>
  new SlipwayError(
    'engine.refused',
    `volume '${name}' cannot be changed, and replacing it would lose its data`,
    'give the new volume another name',
  );

/** Every volume with the stack’s label. */
export async function stackVolumes(api: EngineApi, stack: StackName, signal: AbortSignal): Promise<readonly Volume[]> {
  const filters = byLabel(label.stack, stack);
  return (await api.call(volumesShape, { path: '/volumes', query: { filters } }, signal)).Volumes;
}

/** Removes a volume of ours once nothing uses it. @throws SlipwayError where it is not ours, or stays in use */
export async function removeVolume(swarm: Swarm, stack: StackName, one: Volume, signal: AbortSignal): Promise<void> {
  requireOurs('volume', one.Name, one.Labels, stack);
  let last = '';
  const attempt = async (): Promise<boolean> => {
    try {
      const path = `/volumes/${encodeURIComponent(one.Name)}`;
      await swarm.api.find(anything, { method: 'DELETE', path }, signal);
      return true;
    } catch (error) {
      if (!(error instanceof EngineAnswer)) throw error;
      last = error.message;
      return false;
    }
  };
  await until(releaseMs, signal, attempt, () => inUse('volume', one.Name, last));
}
