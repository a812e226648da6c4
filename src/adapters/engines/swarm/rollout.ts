import type { ServiceSpec } from '#domain/stack/spec.ts';
import { type Ground, holdsHostPort } from './endpoint.ts';
import { type JsonMap, nanoseconds } from './native.ts';

export interface Order {
  readonly order: 'start-first' | 'stop-first';
  readonly why: 'asked' | 'host port' | 'volume' | 'default';
}

/**
 * Which comes first in an update. A published host port leaves no choice; two instances on one writable volume only
 * where somebody asked for it (two database servers on the same files damage them).
 */
export function orderOf(service: ServiceSpec, ground: Ground): Order {
  if (holdsHostPort(service, ground)) return { order: 'stop-first', why: 'host port' };
  if (service.rollout.order !== null) return { order: service.rollout.order, why: 'asked' };
  const writes = service.mounts.some((mount) => mount.kind === 'volume' && !mount.readOnly && mount.source !== null);
  return writes ? { order: 'stop-first', why: 'volume' } : { order: 'start-first', why: 'default' };
}

/** Slipway watches the instances itself and for longer: Swarm only has to see that a new one does not die at once. */
const monitorMs = 500;

/**
 * Swarm replaces, Slipway decides: a failing update is paused, never rolled back. It is paused once as many instances have
 * failed as the rollout's budget says, so that one hiccup does not leave half of the old ones running.
 */
export function renderUpdate(service: ServiceSpec, ground: Ground): JsonMap {
  const { parallelism, delayMs, failureBudget } = service.rollout;
  const instances = service.mode.kind === 'replicated' ? Math.max(1, service.mode.replicas) : Math.max(1, ground.nodes);
  return {
    Parallelism: parallelism,
    Delay: nanoseconds(delayMs) ?? 0,
    FailureAction: 'pause',
    Monitor: nanoseconds(monitorMs),
    MaxFailureRatio: Math.min(1, Math.max(0, failureBudget - 1) / instances),
    Order: orderOf(service, ground).order,
  };
}
