import type { Attempt } from '#domain/deployment.ts';
import { SlipwayError } from '#domain/errors.ts';
import { commitOf } from '#domain/stack/artifacts.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { compareInfo } from '#domain/tests/info.ts';
import { attemptOf } from '#store/attempts.ts';
import { getDeployment } from '#store/deployments.ts';
import { ask } from './ask.ts';
import type { ClusterAdapters, Context } from './context.ts';

/**
 * Asks every instance, replicas too, of every service that declares `info` for its commit: it must be the one its artifact
 * was built from. @throws SlipwayError `deploy.failed` naming each instance that answers another. Source: requirement 5.3.
 */
export async function verifyCommits(adapters: ClusterAdapters, spec: StackSpec, signal: AbortSignal): Promise<null> {
  const asked = spec.services.filter((service) => service.checks.info !== null && commitOf(service.artifact) !== null);
  if (asked.length === 0) return null;
  const { instances } = await adapters.engine.observe(spec.name, signal);
  const wrong = await Promise.all(
    asked.flatMap((service) =>
      runningOf(instances, service.name).map((instance) => mismatch(adapters, spec, service, instance, signal)),
    ),
  );
  const failures = wrong.filter((text) => text !== null);
  if (failures.length > 0)
    throw new SlipwayError(
      'deploy.failed',
      failures.join('\n'),
      'see that the image holds the code of its commit, and that `info` names the right field',
    );
  return null;
}

const runningOf = (instances: readonly Instance[], service: string): readonly Instance[] =>
  instances.filter((instance) => instance.service === service && instance.current && instance.state === 'running');

async function mismatch(
  adapters: ClusterAdapters,
  spec: StackSpec,
  service: ServiceSpec,
  instance: Instance,
  signal: AbortSignal,
): Promise<string | null> {
  const check = service.checks.info;
  const commit = commitOf(service.artifact);
  if (check === null || commit === null) return null;
  const answer = await ask(adapters.engine, spec.name, instance, check, signal);
  const verdict = compareInfo(answer.body, check.field, commit);
  const who = `${service.name}.${instance.slot}`;
  if (verdict.at === 'match') return null;
  if (verdict.at === 'absent') return `${who}: GET ${check.path} does not say its commit: ${verdict.why}`;
  return `${who}: runs commit ${verdict.found}, not ${commit}`;
}

/** The same for the recorded target of a deployment's attempt. */
export async function verifyTarget(context: Context, id: number, attempt: Attempt, signal: AbortSignal): Promise<null> {
  const { store } = context;
  const { cluster } = await store.read((db) => getDeployment(db, id));
  const row = await store.read((db) => attemptOf(db, store.key, id, attempt));
  return row === undefined ? null : verifyCommits(await context.cluster(cluster), row.spec, signal);
}
