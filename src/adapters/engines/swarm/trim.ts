import type { StackName } from '#domain/stack-name.ts';
import type { EngineApi } from './api.ts';
import { serviceName } from './names.ts';
import { changeService, stackTasks } from './services.ts';
import type { Service, Task } from './shapes.ts';

/**
 * Has Swarm look at a service again where one place has two tasks. It comes to that when an old task fails while its successor
 * starts: its restart is of the new specification, too. Swarm takes the second away at its next look, but that one may fall
 * into the moment in which the update ends, and then both run on (seen on 20.10: `docker service ls` said 2/1 for good). Any
 * write makes it look, also one that changes nothing: one of the two ends, and no other task is touched.
 */
export async function trimService(
  api: EngineApi,
  stack: StackName,
  service: string,
  signal: AbortSignal,
): Promise<void> {
  const tasks = await stackTasks(api, stack, signal);
  const asItIs = (live: Service) => (hasSurplus(tasks, live) ? live.Spec : null);
  await changeService(api, stack, serviceName(stack, service), asItIs, signal);
}

/** Two tasks that Swarm both wants to run, in one place, and no update under way that might end one. */
export function hasSurplus(tasks: readonly Task[], service: Service): boolean {
  if (service.Spec.Mode.ReplicatedJob !== undefined || service.Spec.Mode.GlobalJob !== undefined) return false;
  if (service.UpdateStatus?.State === 'updating') return false;
  const places = tasks
    .filter((task) => task.ServiceID === service.ID && task.DesiredState === 'running')
    .map((task) => task.Slot ?? task.NodeID);
  return new Set(places).size < places.length;
}
