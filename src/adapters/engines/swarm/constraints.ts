import type { Node } from './shapes.ts';

/** A constraint that no node meets: how a service is stopped while its specification and its instances' logs stay. */
export const stopConstraint = 'node.id==stopped-by-slipway';

/** Whether a service is held back by Slipway’s own constraint, which no node fits. */
export const isStopped = (constraints: readonly string[] | null | undefined): boolean =>
  (constraints ?? []).some((one) => one.replaceAll(' ', '') === stopConstraint);

/**
 * Does the node meet these placement constraints? As Swarm decides: `node.id`, `.hostname`, `.role`, `.platform.os`,
 * `.platform.arch`, `.labels.X`, `engine.labels.X`, with `==` or `!=`, values compared without case. One that is not
 * understood is not met.
 */
export const meets = (node: Node, constraints: readonly string[] | null | undefined): boolean =>
  (constraints ?? []).every((constraint) => meetsOne(node, constraint));

/** Would Swarm place an instance of a global service there? */
export const takesWork = (node: Node): boolean =>
  node.Status.State === 'ready' && (node.Spec.Availability ?? 'active') === 'active';

function meetsOne(node: Node, constraint: string): boolean {
  const [, key, operator, value] = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
  if (key === undefined || value === undefined) return false;
  const actual = nodeValue(node, key);
  if (actual === null) return false;
  const equal = actual.toLowerCase() === value.toLowerCase();
  return operator === '==' ? equal : !equal;
}

/** `null`: Swarm knows no such key. A label that is not there is the empty text. */
function nodeValue(node: Node, key: string): string | null {
  if (key.startsWith('node.labels.')) return node.Spec.Labels[key.slice('node.labels.'.length)] ?? '';
  if (key.startsWith('engine.labels.'))
    return node.Description.Engine?.Labels[key.slice('engine.labels.'.length)] ?? '';
  switch (key) {
    case 'node.id':
      return node.ID;
    case 'node.hostname':
      return node.Description.Hostname ?? '';
    case 'node.role':
      return node.Spec.Role ?? '';
    case 'node.platform.os':
      return node.Description.Platform?.OS ?? '';
    case 'node.platform.arch':
      return node.Description.Platform?.Architecture ?? '';
    default:
      return null;
  }
}
