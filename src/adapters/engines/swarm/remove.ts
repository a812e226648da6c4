import { SlipwayError } from '#domain/errors.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { removeFile, stackFiles } from './files.ts';
import { byLabel, label } from './names.ts';
import { inUse, removeNetwork, stackNetworks } from './networks.ts';
import { releaseProbe } from './probe.ts';
import { removeService, stackServices, stackTasks } from './services.ts';
import { containers as containersShape, hasEnded } from './shapes.ts';
import { releaseMs, until } from './timeouts.ts';
import { removeVolume, stackVolumes } from './volumes.ts';

/** Longer than the longest usual grace: a service may be given minutes to stop. */
const stopMs = 180_000;

/**
 * Removes all of the stack's services, then, once their instances are gone, what they used. Volumes only when asked, and
 * only this node's: those of other nodes their engines keep.
 */
export async function removeStack(
  swarm: Swarm,
  stack: StackName,
  options: { readonly volumes: boolean },
  signal: AbortSignal,
): Promise<void> {
  const services = await stackServices(swarm.api, stack, signal);
  await Promise.all(services.map((one) => removeService(swarm, stack, one, signal)));
  await releaseProbe(swarm.api, stack, signal);
  await instancesGone(swarm, stack, signal);
  await removeEnded(swarm, stack, signal);
  const networks = await stackNetworks(swarm.api, stack, signal);
  await Promise.all(networks.map((one) => removeNetwork(swarm, stack, one, signal)));
  await Promise.all([removeFiles(swarm, 'config', stack, signal), removeFiles(swarm, 'secret', stack, signal)]);
  if (!options.volumes) return;
  const volumes = await stackVolumes(swarm.api, stack, signal);
  await Promise.all(volumes.map((one) => removeVolume(swarm, stack, one, signal)));
}

async function instancesGone(swarm: Swarm, stack: StackName, signal: AbortSignal): Promise<void> {
  // tasks of a job that have ended stay in the list after its removal: measured with 20.10
  const none = async (): Promise<boolean> => (await stackTasks(swarm.api, stack, signal)).every(hasEnded);
  const late = (): unknown =>
    new SlipwayError(
      'engine.unreachable',
      `instances of stack '${stack}' still run ${stopMs / 1000} s after its removal`,
    );
  await until(stopMs, signal, none, late);
}

/** The containers of a job's ended tasks: they would keep volumes in use. */
async function removeEnded({ api }: Swarm, stack: StackName, signal: AbortSignal): Promise<void> {
  const filters = { ...byLabel(label.stack, stack), status: { exited: true, dead: true, created: true } };
  const left = await api.call(containersShape, { path: '/containers/json', query: { filters, all: true } }, signal);
  await Promise.all(left.map((one) => removeContainer(api, one.Id, signal)));
}

async function removeContainer(api: EngineApi, id: string, signal: AbortSignal): Promise<void> {
  try {
    await api.find(anything, { method: 'DELETE', path: `/containers/${id}` }, signal);
  } catch (error) {
    // 409: the swarm is removing it at this moment
    if (!(error instanceof EngineAnswer && error.status === 409)) throw error;
  }
}

async function removeFiles(swarm: Swarm, kind: 'config' | 'secret', stack: StackName, signal: AbortSignal) {
  for (const file of await stackFiles(swarm.api, kind, stack, signal)) {
    const attempt = (): Promise<boolean> => removeFile(swarm.api, kind, stack, file, signal);
    await until(releaseMs, signal, attempt, () => inUse(kind, file.Spec.Name, 'a service still uses it'));
  }
}
