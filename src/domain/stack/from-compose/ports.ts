import type { ComposeService } from '../../compose/model.ts';
import type { Port } from '../spec.ts';

/** The published ports of a service, sorted. */
export function portsOf(service: ComposeService): readonly Port[] {
  const ports = (service.ports ?? []).map(
    (port): Port => ({
      target: port.target,
      published: published(port.published),
      protocol: port.protocol === 'udp' || port.protocol === 'sctp' ? port.protocol : 'tcp',
      // compose prints `ingress` whether or not somebody wrote it, so only `host` is a wish
      mode: port.mode === 'host' ? 'host' : null,
      hostIp: port.host_ip ?? null,
    }),
  );
  return ports.sort(
    (a, b) =>
      a.target - b.target || (a.published?.[0] ?? 0) - (b.published?.[0] ?? 0) || (a.protocol < b.protocol ? -1 : 1),
  );
}

function published(text: string | undefined): readonly [number, number] | null {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text ?? '') ?? [];
  if (from === undefined || Number(from) === 0) return null;
  return [Number(from), Number(to ?? from)];
}

/** Container ports in the order of their declaration: those of `ports`, then those of `expose`. */
export function exposedPorts(service: ComposeService): readonly number[] {
  const exposed = (service.expose ?? []).flatMap((text) => {
    const [, from, to] = /^(\d+)(?:-(\d+))?(?:\/\w+)?$/.exec(text) ?? [];
    if (from === undefined) return [];
    return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
  return [...new Set([...(service.ports ?? []).map((port) => port.target), ...exposed])];
}
