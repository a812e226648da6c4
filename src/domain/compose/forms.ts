import { isNull, isText, listNode, type Node, nullNode, textNode } from './node.ts';

/** `[K=v, L]` as `{K: v, L: }`; the node itself when it is no list, or has an item that is not text. */
export function keyedOf(node: Node): Node {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, Node>();
  for (const item of node.items) {
    if (!isText(item)) return node;
    const cut = item.text.indexOf('=');
    const key = cut < 0 ? item.text : item.text.slice(0, cut);
    entries.set(key, cut < 0 ? nullNode(item.at, item.at) : textNode(item.text.slice(cut + 1), item.at, item.at));
  }
  return { kind: 'map', entries, at: node.at, keyAt: node.keyAt };
}

/** A single value as a list of it. */
export const listOf = (node: Node): Node =>
  node.kind === 'list' || isNull(node) ? node : listNode([node], node.at, node.keyAt);

/** Hosts as a list of `host=address`: one host may have several addresses. */
export function hostsOf(node: Node): Node {
  if (node.kind !== 'map') return node;
  const items = [...node.entries].flatMap(([host, value]) => {
    const addresses = value.kind === 'list' ? value.items : [value];
    return addresses.map((address) =>
      address.kind === 'scalar' && !isNull(address) ? textNode(`${host}=${address.text}`, address.at) : address,
    );
  });
  return { kind: 'list', items, at: node.at, keyAt: node.keyAt };
}
