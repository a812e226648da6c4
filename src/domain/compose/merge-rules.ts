import { posix } from 'node:path';
import { hostsOf, keyedOf, listOf } from './forms.ts';
import { parseVolume } from './mounts.ts';
import { boolNode, childText, isText, type ListNode, mapNode, type Node, nullNode, textNode } from './node.ts';
import { parsePort } from './ports.ts';

/** How a field is merged over what earlier files say, where the common rule does not hold. */
export interface Rule {
  /** Brings both sides into one shape before they are merged. */
  readonly shape?: (node: Node) => Node;
  /** True when the later value takes the place of the earlier one. */
  readonly replaces?: (base: Node, over: Node) => boolean;
  /** An explicit null counts as a value. */
  readonly nullReplaces?: boolean;
  /** Null values in this map count as values. */
  readonly nullValues?: boolean;
  /** Merges in a way of its own. */
  readonly join?: (base: Node, over: Node, merge: (base: Node, over: Node, rule?: Rule) => Node) => Node;
  /** Entries of the list with the same key are one: the last. */
  readonly unique?: (item: Node) => string | undefined;
  readonly fields?: Readonly<Record<string, Rule>>;
  /** The rule of each entry of a map. */
  readonly each?: Rule;
}

const always = (): boolean => true;
const textKey = (item: Node): string | undefined =>
  item.kind === 'scalar' && (item.type === 'string' || item.type === 'int') ? item.text : undefined;
const nameKey = (item: Node): string | undefined => textKey(item)?.split('=', 1)[0];

const keyed: Rule = { shape: (node) => keyedOf(node), nullValues: true, unique: nameKey };
const texts: Rule = { unique: textKey };
const textOrTexts: Rule = { shape: listOf, unique: textKey };
const replaced: Rule = { replaces: always, nullReplaces: true };

const named = (value: (item: Node) => Node): ((node: Node) => Node) => {
  return (node) => {
    if (node.kind !== 'list' || !node.items.every(isText)) return node;
    const entries = node.items.map((item) => [isText(item) ? item.text : '', value(item)] as const);
    return mapNode(entries, node.at, node.keyAt);
  };
};

const mountKey =
  (folder: string) =>
  (item: Node): string | undefined => {
    if (isText(item)) return `${folder}/${item.text}`;
    return (
      childText(item, 'target') ??
      (childText(item, 'source') === undefined ? undefined : `${folder}/${childText(item, 'source')}`)
    );
  };

function volumeKey(item: Node): string | undefined {
  const target = isText(item) ? parseVolume(item.text)?.target : childText(item, 'target');
  return target === undefined || target === '' ? undefined : posix.normalize(target).replace(/(.)\/$/, '$1');
}

function deviceKey(item: Node): string | undefined {
  if (!isText(item)) return childText(item, 'target') ?? childText(item, 'source');
  const [source, target] = item.text.split(':');
  return target ?? source;
}

/** Equal text, or the same address, published and target port and protocol. */
function portKey(item: Node): string | undefined {
  if (item.kind === 'scalar') {
    const ports = parsePort(item.text);
    const [only] = Array.isArray(ports) ? ports : [];
    return Array.isArray(ports) && ports.length === 1 && only !== undefined
      ? `${only.host_ip ?? ''}:${only.published ?? ''}:${only.target}/${only.protocol}`
      : item.text;
  }
  if (item.kind !== 'map') return undefined;
  const text = (key: string): string => {
    const value = item.entries.get(key);
    return value?.kind === 'scalar' ? value.text : '';
  };
  return `${text('host_ip')}:${text('published')}:${text('target')}/${text('protocol') || 'tcp'}`;
}

const started = (item: Node): Node =>
  mapNode(
    [
      ['condition', textNode('service_started', item.at)],
      ['required', boolNode(true, item.at)],
    ],
    item.at,
    item.at,
  );

const joinIpam: NonNullable<Rule['join']> = (base, over, merge) => {
  if (base.kind !== 'list' || over.kind !== 'list') return over;
  const items = [...base.items];
  for (const item of over.items) {
    const subnet = childText(item, 'subnet');
    const place = subnet === undefined ? -1 : items.findIndex((other) => childText(other, 'subnet') === subnet);
    const before = items[place];
    if (before === undefined) items.push(item);
    else items[place] = merge(before, item);
  }
  return { ...over, items } satisfies ListNode;
};

/** Hosts of both files; one that both have is there once. */
const hosts: Rule = {
  shape: hostsOf,
  join: (base, over) => {
    if (base.kind !== 'list' || over.kind !== 'list') return over;
    const known = new Set(base.items.map(textKey));
    return { ...over, items: [...base.items, ...over.items.filter((item) => !known.has(textKey(item)))] };
  },
};

const otherDriver = (base: Node, over: Node): boolean => {
  const [before, after] = [childText(base, 'driver'), childText(over, 'driver')];
  return before !== undefined && after !== undefined && before !== after;
};

const ulimits: Rule = { each: { replaces: (base, over) => base.kind !== 'map' || over.kind !== 'map' } };

const build: Rule = {
  shape: (node) => (isText(node) ? mapNode([['context', node]], node.at, node.keyAt) : node),
  fields: {
    args: keyed,
    additional_contexts: keyed,
    labels: keyed,
    extra_hosts: hosts,
    ssh: keyed,
    tags: texts,
    cache_from: texts,
    cache_to: texts,
    secrets: { unique: mountKey('/run/secrets') },
    ulimits,
  },
};

const attachment: Rule = { fields: { aliases: texts, link_local_ips: texts } };

export const serviceRule: Rule = {
  fields: {
    annotations: keyed,
    build,
    cap_add: texts,
    cap_drop: texts,
    command: replaced,
    configs: { unique: mountKey('') },
    depends_on: { shape: named(started) },
    deploy: { fields: { labels: keyed } },
    devices: { unique: deviceKey },
    dns: textOrTexts,
    dns_opt: texts,
    dns_search: textOrTexts,
    entrypoint: replaced,
    env_file: { shape: listOf, unique: (item) => textKey(item) ?? childText(item, 'path') },
    environment: keyed,
    expose: texts,
    extra_hosts: hosts,
    healthcheck: { fields: { test: replaced } },
    label_file: textOrTexts,
    labels: keyed,
    links: texts,
    logging: { replaces: otherDriver },
    models: { shape: named((item) => nullNode(item.at, item.at)) },
    networks: { shape: named((item) => nullNode(item.at, item.at)), each: attachment },
    ports: { unique: portKey },
    profiles: texts,
    secrets: { unique: mountKey('/run/secrets') },
    sysctls: keyed,
    tmpfs: { shape: listOf, unique: nameKey },
    ulimits,
    volumes: { unique: volumeKey },
  },
};

/** Source: the Compose Specification, 13 (merge), and what docker compose does where it is silent. */
export const rootRule: Rule = {
  fields: {
    services: { each: serviceRule },
    networks: { each: { fields: { labels: keyed, ipam: { fields: { config: { join: joinIpam } } } } } },
    volumes: { each: { fields: { labels: keyed } } },
    configs: { each: { fields: { labels: keyed } } },
    secrets: { each: { fields: { labels: keyed } } },
  },
};
