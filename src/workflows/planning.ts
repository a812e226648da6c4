import type { Engine } from '#adapters/engines/contract.ts';
import type { Attempt } from '#domain/deployment.ts';
import { SlipwayError } from '#domain/errors.ts';
import { type Finding, type Plan, thingId } from '#domain/plan/change.ts';
import { plan } from '#domain/plan/plan.ts';
import { legs, waves } from '#domain/plan/waves.ts';
import type { Dependency, StackSpec } from '#domain/stack/spec.ts';
import { attemptOf, savePlan, startClock } from '#store/attempts.ts';
import { eventOf, eventSubject, getDeployment, setDeadlineOnce } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import { appliedThings } from '#store/stacks.ts';
import type { Context } from './context.ts';
import { untilDeadline } from './patience.ts';

/** A deployment's attempt on a cluster. */
export interface Bring {
  readonly deployment: number;
  readonly attempt: Attempt;
  readonly cluster: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a plan asks for: `service/web` in waves, one behind the other, in legs behind what they depend on. */
export interface Order {
  readonly legs: readonly { readonly waves: readonly (readonly string[])[]; readonly after: readonly Dependency[] }[];
  /** Services that are made or updated. */
  readonly changed: readonly string[];
}

/**
 * Plans, once: what was planned before a crash is what is done after it. The attempt's clock runs from here.
 * @throws SlipwayError `plan.refused` naming each thing that the engine cannot do
 */
export async function makePlan(context: Context, order: Bring, signal: AbortSignal): Promise<Order> {
  const { store } = context;
  const { deployment, attempt } = order;
  const known = await store.read((db) => attemptOf(db, store.key, deployment, attempt));
  if (!known) throw new SlipwayError('internal', `deployment ${deployment} has no target`);
  if (known.plan) return orderOf(known.plan, known.spec);
  const { deadlineAt } = await startedClock(context, order, known.spec);
  const made = await untilDeadline(deadlineAt, signal, async () =>
    planFor(context, (await context.cluster(order.cluster)).engine, known.spec, signal),
  );
  const refused = made.findings.filter((finding) => finding.level === 'refused');
  if (refused.length > 0)
    throw new SlipwayError('plan.refused', refusal(refused), 'change what is named, or choose another cluster');
  await store.transaction(async (tx) => {
    await savePlan(tx, store.key, deployment, attempt, made);
    await announcePlan(tx, order, made);
  });
  return orderOf(made, known.spec);
}

function startedClock(context: Context, { deployment, attempt }: Bring, spec: StackSpec) {
  return context.store.transaction(async (tx) => {
    const now = Date.now();
    const clock = await startClock(tx, deployment, attempt, { startedAt: now, deadlineAt: now + deadlineMs(spec) });
    if (attempt === 'forward') await setDeadlineOnce(tx, deployment, clock.deadlineAt);
    return clock;
  });
}

/** The plan of a specification against what the engine has and what was written last. Touches nothing. */
export async function planFor(
  context: Context,
  engine: Engine,
  desired: StackSpec,
  signal: AbortSignal,
): Promise<Plan> {
  const { store, versionKey } = context;
  const [findings, observed, recorded] = await Promise.all([
    engine.check(desired, signal),
    engine.observe(desired.name, signal),
    store.read((db) => appliedThings(db, store.key, desired.name)),
  ]);
  return plan({ desired, observed: observed.things, recorded, fixed: engine.fixed, versionKey, findings });
}

const refusal = (refused: readonly Finding[]): string =>
  refused
    .map((finding) => (finding.service === null ? finding.message : `service '${finding.service}': ${finding.message}`))
    .join('; ');

/** The longest that any service asks for; a stack without services is there in no time. */
const deadlineMs = (spec: StackSpec): number =>
  Math.max(1000, ...spec.services.map((service) => service.rollout.deadlineMs));

async function announcePlan(tx: Parameters<typeof appendEvent>[0], order: Bring, made: Plan): Promise<void> {
  const row = await getDeployment(tx, order.deployment);
  const changes = made.changes.map((change) => ({ thing: thingId(change), action: change.action, why: change.why }));
  const data = { ...eventSubject(row), attempt: order.attempt, changes, unchanged: made.unchanged.length };
  await appendEvent(tx, { ...eventOf(row), type: 'deployment.planned', data });
}

function orderOf(made: Plan, spec: StackSpec): Order {
  const inOrder = legs(waves(made.changes, spec));
  const changed = made.changes
    .filter((change) => change.kind === 'service' && change.action !== 'remove')
    .map((change) => change.name);
  const named = inOrder.map((leg) => ({ waves: leg.waves.map((changes) => changes.map(thingId)), after: leg.after }));
  return { legs: named, changed };
}
