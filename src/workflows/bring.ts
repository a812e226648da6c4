import type { Dependency } from '#domain/stack/spec.ts';
import { applyLeg } from './apply.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { type Bring, makePlan, type Order } from './planning.ts';
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
  const planned = await planStep(context, order);
  return planned.ok ? carryOut(context, order, planned.value) : planned;
}

/**
 * The plan of an attempt's target, made once: nothing is changed yet. @param prepare what is to be recorded before it, in the
 * same step: a second time it must do nothing.
 */
export function planStep(
  context: Context,
  order: Bring,
  prepare: (signal: AbortSignal) => Promise<unknown> = async () => null,
): Promise<Outcome<Order>> {
  const plan = async (stop: AbortSignal): Promise<Order> => {
    await prepare(stop);
    return makePlan(context, order, stop);
  };
  return step(`${order.attempt} plan`, plan, { signal: order.signal, timeoutMs: dayMs });
}

/** Makes the changes of a plan and watches the rollout to its end. */
export async function carryOut(context: Context, order: Bring, planned: Order): Promise<Outcome<Brought>> {
  const { deployment, attempt, cluster, signal } = order;
  for (const [index, { waves, after }] of planned.legs.entries()) {
    const ready = await awaitNeeds(context, order, after, index);
    if (!ready.ok) return ready;
    const applied = await applyLeg(context, { deployment, attempt, cluster, index, waves });
    if (!applied.ok) return applied;
  }
  const goals = planned.changed;
  if (goals.length === 0) return { ok: true, value: { changed: [], unchecked: [] } };
  const watched = await step(`${attempt} watch`, (stop) => watchServices(context, order, goals, stop), {
    signal,
    timeoutMs: dayMs,
  });
  return watched.ok ? { ok: true, value: { changed: goals, unchecked: watched.value } } : watched;
}

const dayMs = 86_400_000;

/** Waits until what the next leg depends on is healthy, or has completed. */
async function awaitNeeds(
  context: Context,
  order: Bring,
  needs: readonly Dependency[],
  index: number,
): Promise<Outcome<unknown>> {
  if (needs.length === 0) return { ok: true, value: null };
  const services = [...new Set(needs.map((need) => need.service))];
  const options = { signal: order.signal, timeoutMs: dayMs };
  return step(`${order.attempt} ready ${index}`, (stop) => watchServices(context, order, services, stop, 0), options);
}
