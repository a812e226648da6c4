import { SlipwayError } from '#domain/errors.ts';
import type { StackName } from '#domain/stack-name.ts';
import { label } from './names.ts';

/**
 * Only what bears this stack's label is ever changed or removed.
 * @throws SlipwayError `engine.refused` naming what somebody else made under the same name.
 */
export function requireOurs(
  what: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  stack: StackName,
): void {
  if (labels[label.stack] === stack) return;
  const owner = labels[label.stack] ?? labels[label.namespace];
  throw new SlipwayError(
    'engine.refused',
    `a ${what} '${name}' is there already and not Slipway's${owner === undefined ? '' : ` (it belongs to '${owner}')`}: it is left as it is`,
    `remove or rename it, or give the stack another name${what === 'service' ? '' : `; to use it as it is, declare it \`external: true\` with \`name: ${name}\``}`,
  );
}
