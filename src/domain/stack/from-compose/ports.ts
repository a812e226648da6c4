import type { ComposeService } from '../../compose/model.ts';
import { child, childText, type Node } from '../../compose/node.ts';
import type { Port } from '../spec.ts';

/** The published ports of a service, sorted. `written`: the service as its files have it. */
export function portsOf(service: ComposeService, written: Node | undefined): readonly Port[] {
  const meshed = meshedTargets(written);
  const ports = (service.ports ?? []).map(
    (port): Port => ({
      target: port.target,
      published: published(port.published),
      protocol: port.protocol === 'udp' || port.protocol === 'sctp' ? port.protocol : 'tcp',
      mode: port.mode === 'host' ? 'host' : meshed.has(port.target) ? 'ingress' : null,
      hostIp: port.host_ip ?? null,
    }),
  );
  return ports.sort(
    (a, b) =>
      a.target - b.target || (a.published?.[0] ?? 0) - (b.published?.[0] ?? 0) || (a.protocol < b.protocol ? -1 : 1),
  );
}

/** The loader fills in `ingress` where nobody wrote a mode: only one that was written is a wish. */
function meshedTargets(written: Node | undefined): ReadonlySet<number> {
  const ports = child(written, 'ports');
  const said = ports?.kind === 'list' ? ports.items.filter((item) => childText(item, 'mode') === 'ingress') : [];
  return new Set(
    said.flatMap((item) => {
      const target = child(item, 'target');
      return target?.kind === 'scalar' ? [Number(target.text)] : [];
    }),
  );
}

function published(text: string | undefined): readonly [number, number] | null {
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text ?? '') ?? [];
  if (from === undefined || Number(from) === 0) return null;
  return [Number(from), Number(to ?? from)];
}

/** TCP ports of the container in the order of their declaration: those of `ports`, then those of `expose`. */
export function exposedPorts(service: ComposeService): readonly number[] {
  const exposed = (service.expose ?? []).flatMap((text) => {
    const [, from, to] = /^(\d+)(?:-(\d+))?(?:\/tcp)?$/.exec(text) ?? [];
    if (from === undefined) return [];
    return Array.from({ length: Number(to ?? from) - Number(from) + 1 }, (_, index) => Number(from) + index);
  });
  const published = (service.ports ?? []).filter((port) => port.protocol !== 'udp' && port.protocol !== 'sctp');
  return [...new Set([...published.map((port) => port.target), ...exposed])];
}
