import type { ServiceSpec } from '#domain/stack/spec.ts';
import type { Health } from './record.ts';

/** Times where neither Compose nor x-slipway says any: a process on this machine is there sooner than a container. */
const defaults = {
  intervalMs: 5000,
  timeoutMs: 5000,
  startPeriodMs: 10_000,
  startIntervalMs: 250,
  retries: 3,
} as const;

/**
 * How to look whether an instance is well: `x-slipway.local.health`, else Compose's `healthcheck` in its CMD form. CMD-SHELL
 * is not run, since no text of a user's reaches a shell: the first port is tried instead. `null`: nobody said.
 */
export function healthOf(service: ServiceSpec): Health | null {
  const probe = probeOf(service);
  if (probe === null) return null;
  const said = service.health;
  const intervalMs = said?.intervalMs ?? defaults.intervalMs;
  return {
    probe,
    intervalMs,
    timeoutMs: said?.timeoutMs ?? defaults.timeoutMs,
    startPeriodMs: said?.startPeriodMs ?? defaults.startPeriodMs,
    startIntervalMs: said?.startIntervalMs ?? Math.min(intervalMs, defaults.startIntervalMs),
    retries: said?.retries ?? defaults.retries,
  };
}

function probeOf(service: ServiceSpec): Health['probe'] | null {
  const declared = service.local?.health ?? null;
  if (declared !== null) {
    if ('http' in declared) return { kind: 'http', path: declared.http };
    return 'command' in declared ? { kind: 'command', argv: declared.command } : { kind: 'tcp' };
  }
  const [form, ...argv] = service.health?.test ?? [];
  if (form === 'CMD' && argv.length > 0) return { kind: 'command', argv };
  return form === 'CMD-SHELL' && hasTcpPort(service) ? { kind: 'tcp' } : null;
}

/** Has it a port that a TCP check could try? */
export const hasTcpPort = (service: ServiceSpec): boolean =>
  service.expose.length > 0 || service.ports.some((port) => port.protocol === 'tcp');
