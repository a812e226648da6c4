import { z } from 'zod';
import { isFinal } from '#domain/deployment.ts';
import { maskDeep } from '#domain/secret.ts';
import type { Instance } from '#domain/stack/instance.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { type Deployment, listDeployments } from '#store/deployments.ts';
import { findRelease } from '#store/releases.ts';
import { latestStable, listRevisions } from '#store/revisions.ts';
import { appliedThings, type Stack } from '#store/stacks.ts';
import { projectSecrets } from '#store/variables.ts';
import { whyOf } from './clusters.ts';
import { allowed, forbidden, permission, time, timeField } from './fields.ts';
import type { ApiParts } from './parts.ts';

const instanceView = z
  .object({
    id: z.string(),
    slot: z.string(),
    node: z.string().nullable(),
    state: z.enum(['pending', 'starting', 'running', 'stopping', 'completed', 'failed']),
    health: z.enum(['unchecked', 'starting', 'healthy', 'unhealthy']),
    current: z.boolean(),
    artifact: z.string().nullable(),
    message: z.string().nullable(),
    exitCode: z.number().nullable(),
    since: timeField,
    addresses: z.array(z.string()).describe('Where people can reach it'),
  })
  .meta({ id: 'Instance' });
const serviceView = z
  .object({
    name: z.string(),
    wanted: z.number(),
    running: z.number(),
    healthy: z.number().describe('Running, and healthy or without a check'),
    checked: z.boolean().describe('It has a health check'),
    image: z.string().nullable(),
    commit: z.string().nullable().describe('The commit that its artifact was built from'),
    instances: z.array(instanceView),
  })
  .meta({ id: 'Service' });
export const stackView = z
  .object({
    name: z.string(),
    project: z.string(),
    environment: z.string(),
    cluster: z.string(),
    reachable: z.boolean(),
    why: z.string().nullable().describe('Why its cluster does not answer; then `services` shows what was applied last'),
    services: z.array(serviceView),
    stableRevision: z.number().nullable(),
    release: z.object({ id: z.number(), commit: z.string() }).nullable().describe('Of its stable revision'),
    deployment: z
      .object({ id: z.number(), status: z.string(), over: z.boolean() })
      .nullable()
      .describe('Its newest deployment'),
    createdAt: timeField,
    can: z.object({ rollback: permission, remove: permission }),
  })
  .meta({ id: 'Stack' });
export const stackDetail = stackView
  .extend({
    revisions: z.array(
      z.object({
        number: z.number(),
        deployment: z.number(),
        release: z.number(),
        commit: z.string().nullable(),
        stableAt: timeField,
      }),
    ),
  })
  .meta({ id: 'StackDetail' });
type StackView = z.output<typeof stackView>;
type ServiceView = z.output<typeof serviceView>;

/** The parts of what was applied that are shown; a service is described by `ServiceSpec`. */
const appliedService = z.looseObject({
  artifact: z.looseObject({ reference: z.string().optional(), commit: z.string().nullish() }),
  health: z.unknown(),
  mode: z.looseObject({ kind: z.string(), replicas: z.number().optional() }),
});

/** A cluster that does not answer must not hold the list up. */
const observeMs = 5_000;

/** A stack as it is now, asked of its engine; one that does not answer is said to be unreachable, with its reason. */
export async function viewOfStack(parts: ApiParts, stack: Stack): Promise<StackView> {
  const { store } = parts;
  const name = parseStackName(stack.name);
  const [observed, applied, stable, [newest], secrets] = await Promise.all([
    observe(parts, stack),
    store.read((db) => appliedThings(db, store.key, name)),
    store.read((db) => latestStable(db, name)),
    store.read((db) => listDeployments(db, { stack: name }, { limit: 1 })),
    store.read((db) => projectSecrets(db, store.key, stack.project)),
  ]);
  const release = stable && (await store.read((db) => findRelease(db, stable.release)));
  const services = applied.filter((thing) => thing.kind === 'service');
  return {
    name,
    project: stack.project,
    environment: stack.environment,
    cluster: stack.cluster,
    reachable: observed.why === null,
    why: observed.why,
    // an engine's message may quote a command with its arguments
    services: maskDeep(
      services.map((thing) => serviceOf(thing.name, thing.spec, observed)),
      secrets,
    ),
    stableRevision: stack.stableRevision,
    release: release ? { id: release.id, commit: release.commit } : null,
    deployment: newest ? { id: newest.id, status: newest.status, over: isFinal(newest.status) } : null,
    createdAt: time(stack.createdAt),
    can: permissions(stack, newest),
  };
}

/** The same with its stable revisions, newest first. @throws as `viewOfStack` does */
export async function detailOfStack(parts: ApiParts, stack: Stack): Promise<z.output<typeof stackDetail>> {
  const { store } = parts;
  const revisions = await store.read(async (db) => {
    const rows = [];
    for (const { number, deployment, release, stableAt } of await listRevisions(db, stack.name)) {
      const commit = (await findRelease(db, release))?.commit ?? null;
      rows.push({ number, deployment, release, commit, stableAt: time(stableAt) });
    }
    return rows;
  });
  return { ...(await viewOfStack(parts, stack)), revisions };
}

function permissions(stack: Stack, newest: Deployment | undefined): StackView['can'] {
  const isRemoving = newest !== undefined && newest.kind === 'remove' && !isFinal(newest.status);
  const busy = isRemoving ? forbidden(`deployment ${newest.id} is removing it`) : null;
  return {
    rollback: busy ?? ((stack.stableRevision ?? 0) > 1 ? allowed : forbidden('it has no earlier stable revision')),
    remove: busy ?? allowed,
  };
}

interface Seen {
  readonly why: string | null;
  readonly instances: readonly Instance[];
  readonly wanted: Readonly<Record<string, number>>;
}

async function observe(parts: ApiParts, stack: Stack): Promise<Seen> {
  try {
    const { engine } = await parts.clusters.get(stack.cluster);
    const { instances, wanted } = await engine.observe(parseStackName(stack.name), AbortSignal.timeout(observeMs));
    return { why: null, instances, wanted };
  } catch (thrown) {
    return { why: whyOf(thrown), instances: [], wanted: {} };
  }
}

function serviceOf(name: string, spec: unknown, seen: Seen): ServiceView {
  const { artifact, health, mode } = appliedService.parse(spec);
  const instances = seen.instances.filter((instance) => instance.service === name);
  const running = instances.filter((instance) => instance.state === 'running');
  const well = running.filter((instance) => instance.health === 'healthy' || instance.health === 'unchecked');
  return {
    name,
    wanted: seen.wanted[name] ?? mode.replicas ?? 0,
    running: running.length,
    healthy: well.length,
    checked: health !== null || instances.some((instance) => instance.health !== 'unchecked'),
    image: artifact.reference ?? null,
    commit: artifact.commit ?? null,
    instances: instances.map(viewOfInstance),
  };
}

const viewOfInstance = (instance: Instance): z.output<typeof instanceView> => {
  const { service: _, failures: __, published, since, ...rest } = instance;
  return { ...rest, since: time(since), addresses: [...published] };
};
