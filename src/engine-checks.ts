import { findingsOf } from '#adapters/engines/local/check.ts';
import { checkStack } from '#adapters/engines/swarm/check.ts';
import type { Finding } from '#domain/plan/change.ts';
import type { StackSpec } from '#domain/stack/spec.ts';

/**
 * What each engine cannot run of a stack, or runs with a difference, asked without one: for `slipway init`. The local engine is
 * asked with the rights of this user; the swarm with one node and the Engine API of Docker 24; a cluster that is there says it more exactly in `slipway plan`.
 */
export const engineChecks: Readonly<
  Record<'local' | 'swarm', { readonly artifacts: 'checkout' | 'image'; check(spec: StackSpec): readonly Finding[] }>
> = {
  local: { artifacts: 'checkout', check: (spec) => findingsOf(spec, process.getuid?.() === 0) },
  swarm: {
    artifacts: 'image',
    check: (spec) => checkStack(spec, { ipvs: true, nodes: 1, apiMinor: 43, bindSource: (_, __, source) => source }),
  },
};
