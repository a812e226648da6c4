import type { MapNode, Node } from './node.ts';

/** Keys from the root to a value. */
export type Keys = readonly string[];

/** A document without its `!reset` values, and the paths that earlier files lose: those of `!reset` and `!override`. */
export function splitResets(root: MapNode): { readonly root: MapNode; readonly removed: readonly Keys[] } {
  const removed: Keys[] = [];
  const walk = (node: Node, keys: Keys): Node => {
    if (node.replaces === true) removed.push(keys);
    if (node.kind !== 'map') return node;
    const entries = new Map<string, Node>();
    for (const [key, value] of node.entries) {
      if (value.kind === 'reset') removed.push([...keys, key]);
      else entries.set(key, walk(value, [...keys, key]));
    }
    return { ...node, entries };
  };
  const kept = walk(root, []);
  return { root: kept.kind === 'map' ? kept : root, removed };
}

/** A tree without the values at the given paths. */
export function without(root: MapNode, paths: readonly Keys[]): MapNode {
  return paths.reduce((node, keys) => removeAt(node, keys), root);
}

function removeAt(node: MapNode, [key, ...rest]: Keys): MapNode {
  const value = key === undefined ? undefined : node.entries.get(key);
  if (key === undefined || value === undefined) return node;
  const entries = new Map(node.entries);
  if (rest.length === 0) entries.delete(key);
  else if (value.kind === 'map') entries.set(key, removeAt(value, rest));
  return { ...node, entries };
}
