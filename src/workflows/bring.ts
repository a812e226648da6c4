import type { Dependency } from '#domain/stack/spec.ts';
import { applyWave } from './apply.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { type Bring, makePlan } from './planning.ts';
import { step } from './runtime.ts';
import { watchServices } from './watching.ts';

/** What an attempt came to. `changed`: the services that were not as they should be. */
export interface Brought {
  readonly changed: readonly string[];
  readonly unchecked: readonly string[];
}

/**
 * Brings the recorded target of an attempt to the engine: plan, changes in waves, and the rollout watched to its end. An
 * empty plan writes nothing.
 */
export async function bring(context: Context, order: Bring): Promise<Outcome<Brought>> {
  const { deployment, attempt, cluster, signal } = order;
  const options = signal ? { signal } : {};
  const planned = await step(`${attempt} plan`, (stop) => makePlan(context, order, stop), {
    ...options,
    timeoutMs: dayMs,
  });
  if (!planned.ok) return planned;
  for (const [index, wave] of planned.value.waves.entries()) {
    const ready = await awaitNeeds(context, order, wave.after, index);
    if (!ready.ok) return ready;
    const applied = await applyWave(context, { deployment, attempt, cluster, index, things: wave.things });
    if (!applied.ok) return applied;
  }
  const goals = planned.value.changed;
  if (goals.length === 0) return { ok: true, value: { changed: [], unchecked: [] } };
  const watched = await step(`${attempt} watch`, (stop) => watchServices(context, order, goals, stop), {
    ...options,
    timeoutMs: dayMs,
  });
  return watched.ok ? { ok: true, value: { changed: goals, unchecked: watched.value } } : watched;
}

const dayMs = 86_400_000;

/** Waits until what the next wave depends on is healthy, or has completed. */
async function awaitNeeds(
  context: Context,
  order: Bring,
  needs: readonly Dependency[],
  index: number,
): Promise<Outcome<unknown>> {
  if (needs.length === 0) return { ok: true, value: null };
  const services = [...new Set(needs.map((need) => need.service))];
  const options = { ...(order.signal ? { signal: order.signal } : {}), timeoutMs: dayMs };
  return step(`${order.attempt} ready ${index}`, (stop) => watchServices(context, order, services, stop, 0), options);
}
