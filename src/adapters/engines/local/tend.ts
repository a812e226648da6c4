import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Candidate, chosen, decide, type Wish } from './decide.ts';
import { candidateOf, type KeptInstance, type KeptService, type StackFolder } from './folders.ts';
import { type Frame, makeInstance } from './instances.ts';
import { exactPort, portKey } from './launch.ts';
import { pokeLock } from './lock.ts';
import type { Ports } from './ports.ts';
import { hasEnded, type Launch } from './record.ts';
import type { Supervisors } from './supervisors.ts';

/** Instances that have ended and whose logs are kept, of each slot. */
const keptOfSlot = 4;

export interface Tools {
  readonly frame: Frame;
  readonly ports: Ports;
  readonly supervisors: Supervisors;
}

/** What is wanted of a service’s instances; `null`: nothing any more. */
export const wishOf = (service: KeptService | undefined): Wish | null =>
  service === undefined
    ? null
    : { revision: service.revision, slots: service.isStopped ? [] : service.slots, parallelism: service.parallelism };

/**
 * Makes the instances of a stack as its services want them: tells some to stop, makes others, sees that each has its
 * supervisor, and clears away what ended long ago. The same state again does nothing. Under the stack's lock only.
 */
export async function tend(tools: Tools, folder: StackFolder, signal: AbortSignal): Promise<void> {
  const services = new Map(folder.services().map((service) => [service.name, service]));
  const before = folder.instances();
  const names = new Set([...services.keys(), ...before.map((one) => one.record.service)]);
  for (const name of names) {
    signal.throwIfAborted();
    const service = services.get(name);
    const own = before.filter((one) => one.record.service === name);
    const decision = decide(wishOf(service), own.map(candidateOf));
    for (const one of own.filter(({ record }) => decision.stop.includes(record.id))) await tellToStop(one);
    if (service === undefined) continue;
    for (const slot of decision.make) await make(tools, folder, service, slot, own, signal);
  }
  const after = folder.instances();
  for (const one of after) await tools.supervisors.ensure(folder, one);
  clear(folder, after, services);
}

/** The instance's supervisor stops it, now or whenever it runs next: the file stays. */
export async function tellToStop(one: KeptInstance): Promise<void> {
  writeFileSync(one.record.stopFile, '');
  await pokeLock(one.record.locks.instance);
}

async function make(
  tools: Tools,
  folder: StackFolder,
  service: KeptService,
  slot: string,
  own: readonly KeptInstance[],
  signal: AbortSignal,
): Promise<void> {
  const last = Math.max(0, ...own.filter(({ record }) => record.slot === slot).map(({ record }) => record.number));
  const ports = await portsOfSlot(tools.ports, folder, service, slot, signal);
  for (const path of [folder.at('state'), ...Object.values(service.launch.volumes)])
    mkdirSync(path, { recursive: true, mode: 0o711 });
  makeInstance(tools.frame, folder, service, { slot, number: last + 1, ports });
}

/** The ports of one slot: the very one asked for where there is one for it, else one of its own, the same each time. */
export async function portsOfSlot(
  ports: Ports,
  folder: Pick<StackFolder, 'stack'>,
  service: { readonly name: string; readonly launch: Pick<Launch, 'ports'>; readonly slots: readonly string[] },
  slot: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  const place = service.slots.indexOf(slot) + 1;
  const exact = new Map(service.launch.ports.map((wish) => [portKey(wish), exactPort(wish, place)]));
  const key = (port: string) => `${folder.stack}/${service.name}/${slot}/${port}`;
  const others = [...exact].filter(([, port]) => port === null).map(([name]) => name);
  const allocated = await ports.allocate(others.map(key), signal);
  return Object.fromEntries([...exact].map(([name, port]) => [name, port ?? allocated[key(name)] ?? 0]));
}

function clear(folder: StackFolder, all: readonly KeptInstance[], services: ReadonlyMap<string, KeptService>): void {
  const placeOf = ({ record }: KeptInstance) => `${record.service}/${record.slot}`;
  for (const place of new Set(all.map(placeOf))) {
    const group = all.filter((one) => placeOf(one) === place);
    const candidates = group.map(candidateOf);
    const ended = group.filter(
      (one) => one.state !== null && hasEnded(one.state) && !isChosen(one, candidates, services),
    );
    for (const { record } of ended.slice(0, -keptOfSlot)) {
      rmSync(folder.instanceFolder(record.id), { recursive: true, force: true });
      rmSync(folder.stateFile(record.id), { force: true });
    }
  }
}

function isChosen(
  { record }: KeptInstance,
  candidates: readonly Candidate[],
  services: ReadonlyMap<string, KeptService>,
): boolean {
  const wish = wishOf(services.get(record.service));
  if (!wish?.slots.includes(record.slot)) return false;
  return chosen(wish, record.slot, candidates)?.id === record.id;
}
