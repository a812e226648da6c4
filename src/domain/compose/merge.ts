import { composeError } from './diagnostics.ts';
import { type Rule, rootRule, serviceRule } from './merge-rules.ts';
import { isNull, type ListNode, type MapNode, type Node } from './node.ts';

/**
 * Merges a later file over an earlier one: maps key by key, lists appended, anything else replaced; `merge-rules.ts`
 * has the fields that do otherwise. @throws ComposeError when the shapes do not fit.
 */
export function mergeModels(base: MapNode, over: MapNode): MapNode {
  const merged = tidy(merge(base, over, rootRule, ''), rootRule);
  return merged.kind === 'map' ? merged : over;
}

/** Merges a service over the one that it extends. @throws ComposeError */
export const mergeServices = (base: Node, over: Node, path: string): Node => merge(base, over, serviceRule, path);

/** Removes the duplicates in one file's lists that the rules call unique. */
export function tidyModel(model: MapNode): MapNode {
  const tidied = tidy(model, rootRule);
  return tidied.kind === 'map' ? tidied : model;
}

function merge(base: Node, over: Node, rule: Rule | undefined, path: string): Node {
  const shape = rule?.shape === undefined ? undefined : { base: rule.shape(base), over: rule.shape(over) };
  const [from, to] = [shape?.base ?? base, shape?.over ?? over];
  if (rule?.replaces?.(from, to) === true) return to;
  if (isNull(to)) return rule?.nullReplaces === true ? to : from;
  if (isNull(from)) return to;
  if (rule?.join !== undefined) return rule.join(from, to, (a, b, inner) => merge(a, b, inner, path));
  if (from.kind === 'map') return to.kind === 'map' ? mergeMaps(from, to, rule, path) : clash(from, to, path);
  if (from.kind === 'list') {
    return to.kind === 'list' ? { ...to, items: [...from.items, ...to.items] } : clash(from, to, path);
  }
  return to;
}

function mergeMaps(base: MapNode, over: MapNode, rule: Rule | undefined, path: string): MapNode {
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const before = entries.get(key);
    const inner = rule?.fields?.[key] ?? rule?.each;
    const keepsNull = inner?.nullReplaces === true || rule?.nullValues === true;
    if (before === undefined || (keepsNull && isNull(value))) entries.set(key, value);
    else entries.set(key, merge(before, value, inner, path === '' ? key : `${path}.${key}`));
  }
  return { ...over, entries };
}

function clash(base: Node, over: Node, path: string): never {
  throw composeError(
    over.keyAt ?? over.at,
    path,
    `a ${over.kind} cannot be merged over the ${base.kind} of an earlier file`,
  );
}

/** Drops all but the last of equal entries, at the place of the first. */
function tidy(node: Node, rule: Rule): Node {
  if (node.kind === 'list') return rule.unique === undefined ? node : uniqueItems(node, rule.unique);
  if (node.kind !== 'map' || (rule.fields === undefined && rule.each === undefined)) return node;
  let changed = false;
  const entries = new Map<string, Node>();
  for (const [key, value] of node.entries) {
    const inner = rule.fields?.[key] ?? rule.each;
    const tidied = inner === undefined ? value : tidy(value, inner);
    changed ||= tidied !== value;
    entries.set(key, tidied);
  }
  return changed ? { ...node, entries } : node;
}

function uniqueItems(list: ListNode, keyOf: (item: Node) => string | undefined): ListNode {
  const items: Node[] = [];
  const places = new Map<string, number>();
  for (const item of list.items) {
    const key = keyOf(item);
    const place = key === undefined ? undefined : places.get(key);
    if (place !== undefined) items[place] = item;
    else {
      if (key !== undefined) places.set(key, items.length);
      items.push(item);
    }
  }
  return items.length === list.items.length ? list : { ...list, items };
}
