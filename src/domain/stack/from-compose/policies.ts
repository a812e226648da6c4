import type { ComposeService } from '../../compose/model.ts';
import type { EnvironmentConfig } from '../../project/config.ts';
import type { ServiceKeys } from '../../project/service-keys.ts';
import type { HealthCheck, Mode, Placement, Resources, RestartPolicy, RolloutPolicy } from '../spec.ts';
import { bytes, millis, sorted, sortedMap } from './numbers.ts';

/** A service that others wait for to complete is a job, whatever it says. */
export function modeOf(service: ComposeService, isAwaited: boolean): Mode {
  const mode = service.deploy?.mode;
  const count = service.deploy?.replicas ?? service.scale ?? 1;
  if (isAwaited || mode === 'replicated-job' || mode === 'global-job') return { kind: 'job', completions: count };
  return mode === 'global' ? { kind: 'global' } : { kind: 'replicated', replicas: count };
}

/**
 * What happens to an instance that ends. Where nothing is said it is started again, as `docker stack deploy` does: a
 * platform that keeps services running must not take Compose's `no` for a wish.
 */
export function restartOf(service: ComposeService, mode: Mode): RestartPolicy {
  const said = service.deploy?.restart_policy;
  const [word = '', attempts] = (service.restart ?? '').split(':');
  const condition =
    said?.condition ??
    { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' }[word] ??
    (mode.kind === 'job' ? 'on-failure' : 'any');
  return {
    condition:
      condition === 'none' || condition === 'on-failure' ? condition : mode.kind === 'job' ? 'on-failure' : 'any',
    delayMs: millis(said?.delay),
    maxAttempts: said?.max_attempts ?? (attempts === undefined || attempts === '' ? null : Number(attempts)),
    windowMs: millis(said?.window),
  };
}

/**
 * Five seconds well before it counts as done, as Swarm's own monitor has it. Five minutes at most: enough for a large image
 * on a slow line, and a crash loop ends sooner, by five failed starts of one instance (a database that is still coming up
 * often costs two or three).
 */
const defaults = { stabilityMs: 5000, deadlineMs: 300_000, failureBudget: 5 } as const;
/** What a service has at least after its declared `start_period`. */
const afterStartMs = 120_000;

/** How a service is rolled out, with Slipway’s defaults where nothing is said. All times in ms. */
export function rolloutOf(service: ComposeService, keys: ServiceKeys, environment: EnvironmentConfig): RolloutPolicy {
  const update = service.deploy?.update_config;
  const { rollout } = keys;
  const said = rollout?.order ?? update?.order;
  return {
    order: said === 'start-first' || said === 'stop-first' ? said : null,
    parallelism: rollout?.parallelism ?? update?.parallelism ?? 1,
    delayMs: rollout?.delay ?? millis(update?.delay) ?? 0,
    stabilityMs:
      rollout?.stability ?? millis(update?.monitor) ?? environment.deploy.stabilityMs ?? defaults.stabilityMs,
    deadlineMs: rollout?.deadline ?? environment.deploy.deadlineMs ?? defaultDeadline(service),
    failureBudget: rollout?.failures ?? environment.deploy.failures ?? defaults.failureBudget,
  };
}

/** A service that says it takes long to start is given that time. */
function defaultDeadline(service: ComposeService): number {
  const startMs = millis(service.healthcheck?.start_period) ?? 0;
  return Math.max(defaults.deadlineMs, startMs + afterStartMs);
}

/** The health check, times in ms; `null`: there is none, or it is disabled. */
export function healthOf(service: ComposeService): HealthCheck | null {
  const check = service.healthcheck;
  if (!check) return null;
  return {
    test: check.disable ? ['NONE'] : (check.test ?? []),
    intervalMs: millis(check.interval),
    timeoutMs: millis(check.timeout),
    startPeriodMs: millis(check.start_period),
    startIntervalMs: millis(check.start_interval),
    retries: check.retries ?? null,
  };
}

/** Limits and reservations: CPUs in billionths, memory in bytes. */
export function resourcesOf(service: ComposeService): Resources {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const ulimits = Object.entries(service.ulimits ?? {}).map(
    ([name, limit]) => [name, typeof limit === 'number' ? { soft: limit, hard: limit } : limit] as const,
  );
  return {
    limits: {
      cpus: limits?.cpus ?? service.cpus ?? null,
      memoryBytes: bytes(limits?.memory ?? service.mem_limit),
      pids: limits?.pids ?? service.pids_limit ?? null,
    },
    reservations: {
      cpus: reservations?.cpus ?? null,
      memoryBytes: bytes(reservations?.memory ?? service.mem_reservation),
    },
    shmBytes: bytes(service.shm_size),
    ulimits: sortedMap(Object.fromEntries(ulimits)),
  };
}

/** Where instances may run, as Compose says it under `deploy.placement`. */
export function placementOf(service: ComposeService): Placement {
  const placement = service.deploy?.placement;
  return {
    constraints: sorted(placement?.constraints),
    spread: (placement?.preferences ?? []).flatMap((preference) => preference.spread ?? []),
    maxPerNode: placement?.max_replicas_per_node ?? null,
    platform: service.platform ?? null,
  };
}
