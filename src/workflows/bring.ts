import type { Engine } from '#adapters/engines/contract.ts';
import type { Attempt } from '#domain/deployment.ts';
import { SlipwayError } from '#domain/errors.ts';
import { type Finding, type Plan, thingId } from '#domain/plan/change.ts';
import { plan } from '#domain/plan/plan.ts';
import { waves } from '#domain/plan/waves.ts';
import { goalOf } from '#domain/rollout/rollout.ts';
import { mask } from '#domain/secret.ts';
import type { Dependency, StackSpec } from '#domain/stack/spec.ts';
import { attemptOf, savePlan, startClock } from '#store/attempts.ts';
import { eventSubject, getDeployment, setDeadlineOnce } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import { appliedThings } from '#store/stacks.ts';
import { applyWave } from './apply.ts';
import { type Context, secretsOf } from './context.ts';
import type { EndedRollout } from './follow.ts';
import { follow } from './follow.ts';
import { lastLines } from './last-lines.ts';
import type { Outcome } from './outcome.ts';
import { untilDeadline } from './patience.ts';
import { progressReporter } from './progress.ts';
import { step } from './runtime.ts';

/** A deployment's attempt on a cluster. */
export interface Bring {
  readonly deployment: number;
  readonly attempt: Attempt;
  readonly cluster: string;
  readonly signal?: AbortSignal | undefined;
}

/** What an attempt came to. `changed`: the services that were not as they should be. */
export interface Brought {
  readonly changed: readonly string[];
  readonly unchecked: readonly string[];
}

interface Order {
  readonly waves: readonly { readonly things: readonly string[]; readonly after: readonly Dependency[] }[];
  readonly changed: readonly string[];
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
  const watched = await step(`${attempt} watch`, (stop) => watch(context, order, goals, stop), {
    ...options,
    timeoutMs: dayMs,
  });
  return watched.ok ? { ok: true, value: { changed: goals, unchecked: watched.value } } : watched;
}

const dayMs = 86_400_000;

/** Plans, once: what was planned before a crash is what is done after it. The attempt's clock runs from here. */
async function makePlan(context: Context, order: Bring, signal: AbortSignal): Promise<Order> {
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
  const about = eventSubject(await getDeployment(tx, order.deployment));
  const changes = made.changes.map((change) => ({ thing: thingId(change), action: change.action, why: change.why }));
  const data = { ...about, attempt: order.attempt, changes, unchanged: made.unchanged.length };
  await appendEvent(tx, {
    type: 'deployment.planned',
    source: `/deployments/${order.deployment}`,
    subject: about.stack,
    project: about.project,
    deployment: order.deployment,
    data,
  });
}

function orderOf(made: Plan, spec: StackSpec): Order {
  const list = waves(made.changes, spec).map((wave) => ({ things: wave.changes.map(thingId), after: wave.after }));
  const changed = made.changes
    .filter((change) => change.kind === 'service' && change.action !== 'remove')
    .map((change) => change.name);
  return { waves: list, changed };
}

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
  return step(`${order.attempt} ready ${index}`, (stop) => watch(context, order, services, stop, 0), options);
}

/** Follows the given services to the end. @returns those without a health check. @throws `deploy.failed` with the engine's reason and the last lines. */
async function watch(
  context: Context,
  order: Bring,
  services: readonly string[],
  signal: AbortSignal,
  stabilityMs?: number,
): Promise<readonly string[]> {
  const { store } = context;
  const row = await store.read((db) => attemptOf(db, store.key, order.deployment, order.attempt));
  if (!row || row.startedAt === null || row.deadlineAt === null)
    throw new SlipwayError('internal', `deployment ${order.deployment} has no plan`);
  const { spec, startedAt, deadlineAt } = row;
  const { engine } = await context.cluster(order.cluster);
  // a test stack lives for its tests: what is healthy is asked at once
  const window = order.attempt === 'test' ? 0 : stabilityMs;
  const goals = spec.services
    .filter((service) => services.includes(service.name))
    .map((service) => ({ ...goalOf(service), ...(window === undefined ? {} : { stabilityMs: window }) }));
  const report = progressReporter(context, order, goals);
  const end = await follow({ engine, stack: spec.name, goals, startedAt, deadline: deadlineAt, report }, signal);
  if (end.at === 'done') return end.unchecked;
  throw await rolloutError(context, engine, spec, end, signal);
}

async function rolloutError(
  context: Context,
  engine: Engine,
  spec: StackSpec,
  end: Extract<EndedRollout, { at: 'failed' }>,
  signal: AbortSignal,
): Promise<SlipwayError> {
  const parts: string[] = [];
  for (const failure of end.failures) {
    const lines = await lastLines(engine, spec.name, failure, signal);
    parts.push([`${failure.service}: ${failure.why}`, ...lines.map((line) => `  | ${line}`)].join('\n'));
  }
  const secrets = await secretsOf(context, spec.project);
  return new SlipwayError(
    'deploy.failed',
    mask(parts.join('\n'), secrets),
    'see `slipway logs`, mend it and push again',
  );
}
