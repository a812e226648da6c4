import { hostname } from 'node:os';
import type { Json, ObservedThing } from '#domain/plan/change.ts';
import { canonical } from '#domain/stack/hash.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { Observed } from '../contract.ts';
import { chosen } from './decide.ts';
import {
  candidateOf,
  isService,
  type KeptInstance,
  type KeptService,
  type KeptThing,
  type StackFolder,
} from './folders.ts';
import { portKey } from './launch.ts';
import { runs } from './processes.ts';
import type { InstanceState } from './record.ts';
import { wishOf } from './tend.ts';

/** What the folders of a stack tell. Reads, and changes nothing. */
export function observeStack(folder: StackFolder): Observed {
  const [things, instances] = [folder.things(), folder.instances()];
  const services = things.filter(isService);
  return {
    things: things.map((thing) => observedThing(thing, instances)),
    instances: instances.map((one) => instanceOf(one, instances, services)).filter((one) => one !== null),
    wanted: Object.fromEntries(services.map((one) => [one.name, one.isStopped ? 0 : one.slots.length])),
  };
}

function observedThing(thing: KeptThing, instances: readonly KeptInstance[]): ObservedThing {
  const { kind, name } = thing;
  return { kind, name, id: `${kind}/${name}`, native: isService(thing) ? nativeOf(thing, instances) : thing.native };
}

/** What a service's instances run with. One that runs with something else, as somebody changed its record, is named. */
export function nativeOf(service: KeptService, instances: readonly KeptInstance[]): Json {
  const own = instances.filter(({ record, isToStop }) => record.service === service.name && !isToStop);
  const right = canonical(service.launch);
  const other = own
    .filter(({ record }) => record.revision === service.revision && canonical(record.launch) !== right)
    .map(({ record }) => [record.id, JSON.parse(JSON.stringify(record.launch)) as Json]);
  return {
    ...(JSON.parse(JSON.stringify(service.launch)) as { readonly [key: string]: Json }),
    replicas: service.isStopped ? 0 : service.slots.length,
    parallelism: service.parallelism,
    ...(other.length > 0 ? { changed: Object.fromEntries(other) } : {}),
  };
}

function instanceOf(
  one: KeptInstance,
  all: readonly KeptInstance[],
  services: readonly KeptService[],
): Instance | null {
  const { record, state } = one;
  const wish = wishOf(services.find((service) => service.name === record.service));
  const own = all.filter((other) => other.record.service === record.service).map(candidateOf);
  const current = wish?.slots.includes(record.slot) === true && chosen(wish, record.slot, own)?.id === record.id;
  const how = shownState(state);
  if (how === null || (!current && candidateOf(one).hasEnded)) return null;
  return {
    id: record.id,
    service: record.service,
    slot: record.slot,
    node: hostname(),
    state: how.state,
    health: shownHealth(one, how.state),
    current,
    artifact: record.launch.artifact,
    message: how.message,
    exitCode: state?.exitCode ?? null,
    since: state?.since ?? 0,
    failures: state?.failures ?? [],
    published: record.launch.ports
      .filter((wished) => wished.published !== null)
      .map((wished) => `127.0.0.1:${record.ports[portKey(wished)]}`),
  };
}

/** `null`: it was stopped, and is no more than its log. */
function shownState(state: InstanceState | null): Pick<Instance, 'state' | 'message'> | null {
  if (state === null) return { state: 'pending', message: null };
  const { phase, message } = state;
  if (phase === 'stopped') return null;
  if (phase === 'completed' || phase === 'failed') return { state: phase, message };
  if (phase === 'halted') return { state: 'pending', message: 'was stopped with Slipway, and starts again with it' };
  if (!runs(state.supervisor)) return { state: 'pending', message: 'its supervisor is gone; another one is started' };
  if (phase === 'waiting' || phase === 'resting') return { state: 'pending', message };
  if (phase === 'stopping') return { state: 'stopping', message };
  return { state: state.health === 'starting' ? 'starting' : 'running', message };
}

function shownHealth({ record, state }: KeptInstance, shown: Instance['state']): Instance['health'] {
  if (record.launch.health === null) return 'unchecked';
  const health = state?.health ?? 'starting';
  if (health === 'unchecked' || (health === 'healthy' && shown !== 'running')) return 'starting';
  return health;
}
