import type { Engine } from '#adapters/engines/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import { maskDeep } from '#domain/secret.ts';
import { hashOf } from '#domain/stack/hash.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { mergeReports, readReport, type ServiceReport, type TestReport } from '#domain/tests/report.ts';
import { testStack } from '#domain/tests/test-stack.ts';
import { attemptOf, saveTarget } from '#store/attempts.ts';
import { getDeployment } from '#store/deployments.ts';
import { appendEvent } from '#store/events.ts';
import { removeAllApplied } from '#store/stacks.ts';
import { endTestRun, startTestRun } from '#store/test-runs.ts';
import { ask } from './ask.ts';
import { bring } from './bring.ts';
import { cancelSignal } from './cancellation.ts';
import { type Context, secretsOf } from './context.ts';
import { draftOf } from './drafts.ts';
import { eventId } from './event-id.ts';
import { notify } from './notices.ts';
import type { Failure, Outcome } from './outcome.ts';
import { step } from './runtime.ts';
import { enterStage } from './stage.ts';

export interface GateOrder {
  readonly deployment: number;
  readonly build: number;
  readonly cluster: string;
}

/**
 * The test gate, once begun: the build's own stack, GET its tests, one merged report, and the stack away again with all that it
 * made - whether it passed, failed, was cancelled, or the server died in the middle. Source: requirements 3.1 to 3.5.
 * @param run of `beginTests`
 */
export async function testGate(context: Context, order: GateOrder, run: number): Promise<Outcome<null>> {
  const signal = cancelSignal(order.deployment);
  const brought = await bring(context, { ...order, attempt: 'test', signal });
  const report = brought.ok
    ? await step('test ask', (stop) => askAll(context, order, stop), { signal, timeoutMs: 3_600_000 })
    : brought;
  const judged = await step('test judge', () => judge(context, order, run, report));
  const removed = await step('test remove', (stop) => removeTestStack(context, order, stop));
  if (!judged.ok) return judged;
  if (judged.value !== null) return { ok: false, failure: judged.value };
  return removed;
}

const testsOf = (spec: StackSpec): readonly ServiceSpec[] =>
  spec.services.filter((service) => service.checks.test !== null);

/** Enters the stage, and records the test stack and its run. @returns the run's id, `null` when no service declares tests. */
export async function beginTests(context: Context, order: GateOrder): Promise<number | null> {
  const { store } = context;
  await enterStage(context, order.deployment, 'testing');
  const row = await store.read((db) => attemptOf(db, store.key, order.deployment, 'forward'));
  if (!row) throw new SlipwayError('internal', `deployment ${order.deployment} has no target`);
  const services = testsOf(row.spec).map((service) => service.name);
  if (services.length === 0) return null;
  const { spec } = testStack(row.spec, `${order.build}-${order.deployment}-${serverMark(context)}`);
  return store.transaction(async (tx) => {
    const deployment = await getDeployment(tx, order.deployment);
    await saveTarget(tx, store.key, order.deployment, 'test', spec);
    const run = await startTestRun(tx, { build: order.build, stack: spec.name });
    const data = {
      project: deployment.project,
      build: order.build,
      commit: deployment.commit ?? '',
      stack: spec.name,
      services,
    };
    const event = {
      type: 'tests.started',
      source: `/builds/${order.build}`,
      subject: spec.name,
      project: deployment.project,
      deployment: order.deployment,
      data,
    } as const;
    await appendEvent(tx, event, eventId('tests.started', order.deployment));
    return run.id;
  });
}

/** Two servers may share a swarm, and count their builds alike: four digits tell their test stacks apart. */
const serverMark = (context: Context): string => hashOf(['test stacks', ...context.versionKey]).slice(0, 4);

/** Asks one instance of each service that declares tests. What cannot be asked or read is a failure in the report. */
async function askAll(context: Context, order: GateOrder, signal: AbortSignal): Promise<TestReport> {
  const { store } = context;
  const row = await store.read((db) => attemptOf(db, store.key, order.deployment, 'test'));
  if (!row) throw new SlipwayError('internal', `deployment ${order.deployment} has no test stack`);
  const { engine } = await context.cluster(order.cluster);
  const reports = await Promise.all(testsOf(row.spec).map((service) => askOne(engine, row.spec, service, signal)));
  // a test that fails likes to quote the address it used, password and all
  return maskDeep(mergeReports(reports), await secretsOf(context, row.spec.project));
}

async function askOne(
  engine: Engine,
  spec: StackSpec,
  service: ServiceSpec,
  signal: AbortSignal,
): Promise<ServiceReport> {
  const { instances } = await engine.observe(spec.name, signal);
  const instance = instances.find((item) => item.service === service.name && item.current && item.state === 'running');
  if (!instance || service.checks.test === null) return readReport(service.name, { failure: 'no instance of it runs' });
  try {
    return readReport(service.name, await ask(engine, spec.name, instance, service.checks.test, signal));
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError) || signal.aborted) throw thrown;
    return readReport(service.name, { failure: thrown.message });
  }
}

/** Records the verdict with its event and notices. @returns why it failed, `null` when all passed. */
async function judge(
  context: Context,
  order: GateOrder,
  run: number,
  report: Outcome<TestReport>,
): Promise<Failure | null> {
  const failure = failureOf(report);
  const draft = await draftOf(context, order.deployment);
  await context.store.transaction(async (tx) => {
    const deployment = await getDeployment(tx, order.deployment);
    const isCancelled = failure?.code === 'deployment.cancelled';
    const ended = await endTestRun(
      tx,
      run,
      failure === null ? 'passed' : isCancelled ? 'cancelled' : 'failed',
      report.ok ? report.value : null,
    );
    if (!ended || isCancelled) return;
    const row = await attemptOf(tx, context.store.key, order.deployment, 'test');
    const totals = report.ok ? report.value.totals : { passed: 0, failed: 0, skipped: 0 };
    const durationMs = row?.startedAt ? Date.now() - row.startedAt : 0;
    const base = {
      project: deployment.project,
      build: order.build,
      commit: deployment.commit ?? '',
      stack: row?.stack ?? '',
      totals,
      coverage: report.ok ? report.value.coverage : null,
      durationMs,
    };
    const about = {
      source: `/builds/${order.build}`,
      subject: deployment.stack,
      project: deployment.project,
      deployment: order.deployment,
    };
    const event =
      failure === null
        ? await appendEvent(tx, { ...about, type: 'tests.passed', data: base })
        : await appendEvent(tx, { ...about, type: 'tests.failed', data: { ...base, reason: failure.message } });
    await notify(tx, context, draft.notify, event);
  });
  return failure;
}

function failureOf(report: Outcome<TestReport>): Failure | null {
  if (!report.ok && report.failure.code === 'deployment.cancelled') return report.failure;
  if (!report.ok) return { ...report.failure, message: `the test stack did not come up: ${report.failure.message}` };
  if (report.value.verdict === 'passed') return null;
  return {
    code: 'tests.failed',
    message: report.value.reasons.join('\n'),
    hint: 'mend what failed and push again; what runs is untouched',
  };
}

/** Removes a test stack with all that it made; a second time does nothing. */
export async function removeTestStack(context: Context, order: GateOrder, signal: AbortSignal): Promise<null> {
  const { store } = context;
  const row = await store.read((db) => attemptOf(db, store.key, order.deployment, 'test'));
  if (!row) return null;
  const { engine } = await context.cluster(order.cluster);
  await engine.remove(row.spec.name, { volumes: true }, signal);
  await store.transaction(async (tx) => {
    await removeAllApplied(tx, row.spec.name);
    const data = { project: row.spec.project, build: order.build, stack: row.stack };
    const event = {
      type: 'tests.removed',
      source: `/builds/${order.build}`,
      subject: row.stack,
      project: row.spec.project,
      deployment: order.deployment,
      data,
    } as const;
    await appendEvent(tx, event, eventId('tests.removed', order.deployment));
  });
  return null;
}
