import { DBOS } from '@dbos-inc/dbos-sdk';
import { SlipwayError } from '#domain/errors.ts';
import { mask } from '#domain/secret.ts';
import type { Artifact } from '#domain/stack/spec.ts';
import { findArtifact, saveArtifact } from '#store/artifacts.ts';
import { type Deployment, getDeployment } from '#store/deployments.ts';
import { openBuildLog } from './build-log.ts';
import { cancelSignal } from './cancellation.ts';
import { type Context, secretsOf } from './context.ts';
import type { KeyedBuild } from './draft.ts';
import { draftOf } from './drafts.ts';
import type { Outcome } from './outcome.ts';
import { step } from './runtime.ts';

export interface BuildOrderRef {
  readonly deployment: number;
  readonly build: number;
  readonly service: string;
}

export interface Built {
  readonly service: string;
  readonly reused: boolean;
}

export type BuildService = (order: BuildOrderRef) => Promise<Outcome<Built>>;

/** Registers the workflow that makes one service's artifact, or finds the one of the same inputs. */
export function defineBuild(context: Context): BuildService {
  const run = (order: BuildOrderRef): Promise<Outcome<Built>> =>
    step(`build ${order.service}`, (signal) => buildOnce(context, order, signal), {
      signal: cancelSignal(order.deployment),
      timeoutMs: 3_600_000,
    });
  return DBOS.registerWorkflow(run, { name: 'build' });
}

const together = 4;

/** Makes the artifacts of several services, four at a time; the first failure is the outcome, once all have ended. */
export async function buildServices(
  buildService: BuildService,
  deployment: number,
  build: number,
  services: readonly string[],
): Promise<Outcome<readonly Built[]>> {
  const done: Built[] = [];
  for (let from = 0; from < services.length; from += together) {
    const handles = [];
    for (const service of services.slice(from, from + together))
      handles.push(
        await DBOS.startWorkflow(buildService, { workflowID: `deployment-${deployment}-build-${service}` })({
          deployment,
          build,
          service,
        }),
      );
    let failed: Outcome<readonly Built[]> | undefined;
    for (const handle of handles) {
      const outcome = await handle.getResult();
      if (outcome.ok) done.push(outcome.value);
      else failed ??= outcome;
    }
    if (failed) return failed;
  }
  return { ok: true, value: done };
}

async function buildOnce(context: Context, order: BuildOrderRef, signal: AbortSignal): Promise<Built> {
  const { store } = context;
  const deployment = await store.read((db) => getDeployment(db, order.deployment));
  const draft = await draftOf(context, order.deployment);
  const keyed = draft.builds.find((item) => item.request.service === order.service);
  if (!keyed || deployment.commit === null)
    throw new SlipwayError('internal', `deployment ${order.deployment} has no build of ${order.service}`);
  const { builder } = await context.cluster(deployment.cluster);
  const at = { project: deployment.project, kind: keyed.kind, service: order.service, key: keyed.key };
  const found = await store.read((db) => findArtifact(db, at));
  if (found && (await builder.has(found.artifact, signal))) return { service: order.service, reused: true };
  const artifact = await make(
    context,
    order,
    keyed,
    { ...deployment, commit: deployment.commit, registry: draft.registry },
    signal,
  );
  await store.transaction((tx) =>
    saveArtifact(
      tx,
      { ...at, artifact, commit: found?.commit ?? deployment.commit ?? '', build: order.build },
      found !== null,
    ),
  );
  return { service: order.service, reused: false };
}

async function make(
  context: Context,
  order: BuildOrderRef,
  keyed: KeyedBuild,
  of: Pick<Deployment, 'project' | 'environment' | 'cluster'> & {
    readonly commit: string;
    readonly registry: string | null;
  },
  signal: AbortSignal,
): Promise<Artifact> {
  const { builder } = await context.cluster(of.cluster);
  const [checkout, secrets] = await Promise.all([
    context.sources.checkout(of.project, of.commit, signal),
    secretsOf(context, of.project),
  ]);
  const log = openBuildLog(context.store, order.build, order.service);
  try {
    const details = { project: of.project, build: String(order.build), commit: of.commit, checkout: checkout.path };
    return await builder.build(
      {
        ...details,
        request: keyed.request,
        key: keyed.key,
        files: keyed.files,
        local: keyed.local,
        registry: of.registry,
      },
      (line) => log.write(mask(line, secrets)),
      signal,
    );
  } finally {
    await log.close();
  }
}
