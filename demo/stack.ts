import { answer, type Schema } from '#client/client.ts';
import type { RunningSlipway } from './slipway.ts';
import { Trouble } from './trouble.ts';

/** An instance by what would change if it were replaced. */
export interface RunningInstance {
  readonly service: string;
  readonly id: string;
  /** When it began to run, ISO 8601. */
  readonly since: string;
  /** Where people can reach it: `127.0.0.1:8080`. */
  readonly addresses: readonly string[];
  readonly commit: string | null;
}

/** Every instance that runs, by service. @throws Trouble when the stack does not run as it is meant to */
export async function runningInstances(slipway: RunningSlipway, stack: string): Promise<readonly RunningInstance[]> {
  const found = await answer(slipway.api.GET('/v1/stacks/{stack}', { params: { path: { stack } } }));
  if (!found.reachable) throw new Trouble(`the engine does not answer: ${found.why ?? ''}`);
  for (const { name, healthy, wanted } of found.services)
    if (healthy < wanted || wanted === 0) throw new Trouble(`${name} has ${healthy} of ${wanted} healthy instances`);
  return found.services.flatMap(instancesOf);
}

const instancesOf = ({ name, commit, instances }: Schema<'Service'>): readonly RunningInstance[] =>
  instances
    .filter((instance) => instance.state === 'running')
    .map(({ id, since, addresses }) => ({ service: name, id, since, addresses, commit }));

/** What happened to each service between two looks, by what the engine says: `kept` is the same instances, running since the same moment. */
export function compared(
  before: readonly RunningInstance[],
  after: readonly RunningInstance[],
): ReadonlyMap<string, 'kept' | 'replaced'> {
  const keyOf = ({ id, since }: RunningInstance): string => `${id} ${since}`;
  const of = (instances: readonly RunningInstance[], service: string): string =>
    instances
      .filter((instance) => instance.service === service)
      .map(keyOf)
      .sort()
      .join('\n');
  const services = new Set([...before, ...after].map((instance) => instance.service));
  return new Map(
    [...services].sort().map((service) => [service, of(before, service) === of(after, service) ? 'kept' : 'replaced']),
  );
}
