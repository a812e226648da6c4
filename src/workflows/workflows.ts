import type { Finding, Plan } from '#domain/plan/change.ts';
import { maskDeep } from '#domain/secret.ts';
import type { Deployment } from '#store/deployments.ts';
import type { IdempotentRequest } from '#store/idempotency.ts';
import { defineBuild } from './build.ts';
import { checkDraft } from './check-draft.ts';
import { type Context, secretsOf } from './context.ts';
import { defineDeployment, type RunDeployment } from './deployment.ts';
import { cancelAgain, enqueueDeployment, madeBefore, resumeDeployments } from './enqueue.ts';
import { keepHouse, watchOver } from './housekeeping.ts';
import { environmentAt, loadCommit, projectAt } from './load-commit.ts';
import { sendNotices } from './outbox.ts';
import { planFor } from './planning.ts';
import { deploymentOf, type RefUpdate, receiveMissed, receiveMissedPushes, receiveRefs } from './receive.ts';
import { cancelDeployment, requestRemoval, requestRollback } from './requests.ts';
import { resolveSpec } from './resolve.ts';
import { startRuntime, stopRuntime } from './runtime.ts';

/** A commit to be planned for, or deployed to, an environment. */
export interface CommitOf {
  readonly project: string;
  readonly environment: string;
  /** Full id. */
  readonly commit: string;
  /** Look others' image tags up again. */
  readonly pull: boolean;
}

export interface CommitPlan {
  readonly stack: string;
  readonly cluster: string;
  readonly plan: Plan;
}

/** What may be asked of the workflows. Every request is recorded before it is answered. */
export interface Workflows {
  start(): Promise<void>;
  stop(): Promise<void>;
  receive(project: string, updates: readonly RefUpdate[], by: string): Promise<readonly string[]>;
  /** Acts on refs of a project that moved without word of it: the client of a push left early, or its hook did. */
  receiveMissed(project: string, by: string): Promise<readonly string[]>;
  /** The plan of a commit, secrets masked. Builds nothing and writes nothing. */
  plan(of: CommitOf, signal: AbortSignal): Promise<CommitPlan>;
  /** With a `request` these three act once for it, however often it comes. @throws SlipwayError `idempotency.mismatch` */
  deploy(of: CommitOf, ref: string | null, by: string, request?: IdempotentRequest): Promise<Deployment>;
  rollback(stack: string, to: number | null, by: string, request?: IdempotentRequest): Promise<Deployment>;
  remove(stack: string, volumes: boolean, by: string, request?: IdempotentRequest): Promise<Deployment>;
  cancel(id: number): Promise<Deployment>;
}

/** Registers the durable workflows, once a process, and gives what the API asks of them. */
export function defineWorkflows(context: Context): Workflows {
  const run = defineDeployment(context, defineBuild(context));
  const stopping = new AbortController();
  let sending: Promise<unknown> | undefined;
  return {
    start: async () => {
      await cancelAgain(context);
      await startRuntime({ databaseUrl: context.store.url, log: context.log });
      await resumeDeployments(context, run);
      await receiveMissedPushes(context, run, 'start-up');
      const { signal } = stopping;
      sending = Promise.all([
        sendNotices(context, signal),
        watchOver(context, run, signal),
        keepHouse(context, signal),
      ]);
    },
    stop: async () => {
      stopping.abort();
      await sending;
      await stopRuntime();
    },
    receive: (project, updates, by) => receiveRefs(context, run, project, updates, by),
    receiveMissed: (project, by) => receiveMissed(context, run, project, by),
    plan: (of, signal) => planCommit(context, of, signal),
    deploy: (of, ref, by, request) => deployCommit(context, run, of, { ref, by, request: request ?? null }),
    rollback: (stack, to, by, request) => requestRollback(context, run, stack, to, by, request),
    remove: (stack, volumes, by, request) => requestRemoval(context, run, stack, volumes, by, request),
    cancel: (id) => cancelDeployment(context, id),
  };
}

async function deployCommit(
  context: Context,
  run: RunDeployment,
  of: CommitOf,
  asked: { readonly ref: string | null; readonly by: string; readonly request: IdempotentRequest | null },
): Promise<Deployment> {
  const before = await madeBefore(context, run, asked.request);
  if (before) return before;
  const checkout = await context.sources.checkout(of.project, of.commit, AbortSignal.timeout(120_000));
  const config = projectAt(checkout, of.project);
  const about = await deploymentOf(context, config, environmentAt(config, of.environment), of.commit);
  const wanted = {
    ...about,
    ref: asked.ref,
    kind: 'deploy',
    options: { pull: of.pull },
    requestedBy: asked.by,
  } as const;
  return enqueueDeployment(context, run, wanted, asked.request);
}

async function planCommit(context: Context, of: CommitOf, signal: AbortSignal): Promise<CommitPlan> {
  const config = projectAt(await context.sources.checkout(of.project, of.commit, signal), of.project);
  const { cluster, stack } = await deploymentOf(context, config, environmentAt(config, of.environment), of.commit);
  const adapters = await context.cluster(cluster);
  const draft = await loadCommit(context, { ...of, artifacts: adapters.builder.kind }, signal);
  const spec = await resolveSpec(context, adapters, draft, { pull: of.pull, keep: false }, signal);
  const [made, told] = [
    await planFor(context, adapters.engine, spec, signal),
    await checkDraft(adapters, draft, signal),
  ];
  const secrets = await secretsOf(context, of.project);
  return { stack, cluster, plan: maskDeep({ ...made, findings: distinct([...told, ...made.findings]) }, secrets) };
}

/** The engine speaks of what is built and of what is not yet: the same words once. */
const distinct = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
];
