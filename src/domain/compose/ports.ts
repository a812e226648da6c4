/** A published port, as `docker compose config` prints it. */
export interface Port {
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  /** A port or a range; absent: the engine chooses one. */
  readonly published?: string;
  readonly protocol: string;
}

/**
 * Parses `[ip:][published:]target[/protocol]`; equal ranges become single ports, a published range for one target stays.
 * A text says what is wrong. Source: the Compose Specification, `ports`, short syntax.
 */
export function parsePort(text: string): readonly Port[] | string {
  const parts = text.split(':');
  const [container = '', published = ''] = [parts.at(-1), parts.length > 1 ? parts.at(-2) : ''];
  const address = hostAddress(parts.slice(0, -2).join(':'));
  if (address === undefined) return `'${parts.slice(0, -2).join(':')}' is no IP address`;
  const [target = '', protocol = 'tcp', ...more] = container.split('/');
  if (more.length > 0 || !/^(tcp|udp|sctp)$/i.test(protocol || 'tcp')) return `'${container}' has no known protocol`;
  if (target === '') return 'no container port is named';
  const inside = range(target);
  const outside = published === '' ? undefined : range(published);
  if (inside === undefined) return `'${target}' is no port or range of ports`;
  if (published !== '' && outside === undefined) return `'${published}' is no port or range of ports`;
  const common = {
    mode: 'ingress',
    protocol: (protocol || 'tcp').toLowerCase(),
    ...(address === '' ? {} : { host_ip: address }),
  };
  return expand(inside, outside, common) ?? `the ranges '${published}' and '${target}' differ in length`;
}

type Range = readonly [number, number];

function expand(
  inside: Range,
  outside: Range | undefined,
  common: Omit<Port, 'target' | 'published'>,
): Port[] | undefined {
  const [first, last] = inside;
  if (outside === undefined) return count(last - first).map((i) => ({ ...common, target: first + i }));
  const [from, to] = outside;
  if (first === last && from !== to) return [{ ...common, target: first, published: `${from}-${to}` }];
  if (to - from !== last - first) return undefined;
  return count(last - first).map((i) => ({ ...common, target: first + i, published: String(from + i) }));
}

const count = (last: number): number[] => Array.from({ length: last + 1 }, (_, i) => i);

function range(text: string): Range | undefined {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (found === null) return undefined;
  const first = Number(found[1]);
  const last = Number(found[2] ?? found[1]);
  return first <= last && last <= 65535 ? [first, last] : undefined;
}

/** True for `10.0.0.1` and `::1`. */
export const isIpAddress = (text: string): boolean =>
  text !== '' && hostAddress(text.includes(':') ? `[${text}]` : text) !== undefined;

/** The address without its brackets; empty when there is none, undefined when it is none. */
function hostAddress(text: string): string | undefined {
  if (text === '') return '';
  const bracketed = /^\[([0-9A-Fa-f:.]+)(?:%[\w.]+)?\]$/.exec(text);
  if (bracketed !== null) return bracketed[1]?.includes(':') ? bracketed[1] : undefined;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return octets?.slice(1).every((octet) => Number(octet) <= 255 && !/^0\d/.test(octet)) ? text : undefined;
}
