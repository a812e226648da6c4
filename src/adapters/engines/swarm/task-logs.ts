import type { StackName } from '#domain/stack-name.ts';
import type { LogQuery } from '../contract.ts';
import type { EngineApi } from './api.ts';
import { label } from './names.ts';
import { stackTasks } from './services.ts';
import { labelsOf, type Task, task as taskShape } from './shapes.ts';

/** The tasks that a query is about, as far as they have lines. */
export async function tasksOf(
  api: EngineApi,
  stack: StackName,
  query: LogQuery,
  signal: AbortSignal,
): Promise<readonly Task[]> {
  if (query.instance !== undefined) {
    const one = await api.find(taskShape, { path: `/tasks/${encodeURIComponent(query.instance)}` }, signal);
    return one && labelsOf(one)[label.stack] === stack && hasRun(one) ? [one] : [];
  }
  const all = await stackTasks(api, stack, signal);
  return all.filter(
    (task) => hasRun(task) && (query.service === undefined || labelsOf(task)[label.service] === query.service),
  );
}

/** A task that never had a container has no lines, and asking for them would wait for it. */
const hasRun = (task: Task): boolean => Boolean(task.Status.ContainerStatus?.ContainerID);

/** The log of one task; follows until it ends. */
export function openLog(
  api: EngineApi,
  task: Task,
  tail: number | undefined,
  follow: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const query = { stdout: true, stderr: true, timestamps: true, tail: tail ?? 'all', follow };
  return api.stream({ path: `/tasks/${task.ID}/logs`, query }, signal);
}
