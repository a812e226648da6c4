import { type Goal, isReady, type Rollout, type RolloutEvent } from '#domain/rollout/rollout.ts';
import { eventOf, eventSubject, getDeployment } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import type { Context } from './context.ts';
import type { Bring } from './planning.ts';

/** Records how far a rollout is, whenever that changes. */
export function progressReporter(context: Context, order: Bring, goals: readonly Goal[]) {
  let last = '';
  return async (state: Rollout, seen: RolloutEvent): Promise<void> => {
    const services = goals.map((goal) => serviceProgress(goal, seen));
    const message = state.at === 'progressing' ? state.waiting.join('; ') || null : state.at;
    const text = JSON.stringify([services, message]);
    if (text === last) return;
    last = text;
    await context.store.transaction(async (tx) => {
      const row = await getDeployment(tx, order.deployment);
      const data = { ...eventSubject(row), services, message };
      await appendEvent(tx, { ...eventOf(row), type: 'deployment.progress', data });
    });
  };
}

function serviceProgress(goal: Goal, seen: RolloutEvent) {
  const current = seen.instances.filter((instance) => instance.service === goal.service && instance.current);
  const ready = current.filter((instance) => isReady(goal, instance));
  const running = current.filter((instance) => instance.state === 'running' || instance.state === 'completed');
  const wanted = seen.wanted[goal.service] ?? 0;
  const state =
    ready.length >= wanted && wanted > 0
      ? 'ready'
      : (current.find((instance) => !isReady(goal, instance))?.state ?? 'pending');
  return { service: goal.service, wanted, running: running.length, healthy: ready.length, state };
}
