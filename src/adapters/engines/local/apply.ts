import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import type { Change, Json, ThingKind } from '#domain/plan/change.ts';
import { toJson } from '#domain/plan/things.ts';
import { versionedName } from '#domain/stack/files.ts';
import { canonical, hashOf } from '#domain/stack/hash.ts';
import type { ServiceAddress } from '#domain/stack/references.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import type { KeptService, KeptThing, StackFolder } from './folders.ts';
import { launchOf, portKey, portsOf, type Surroundings } from './launch.ts';
import { nativeOf } from './observe.ts';
import { writeJson } from './record.ts';
import { portsOfSlot, type Tools, tellToStop, tend } from './tend.ts';
import { userOnThisMachine } from './users.ts';

export interface Workshop extends Tools {
  readonly dataDirectory: string;
  readonly artifactsDirectory: string;
  readonly versionKey: Uint8Array;
}

/** Makes one change so; what is so already is not written again. Under the stack's lock only. */
export async function applyChange(
  shop: Workshop,
  folder: StackFolder,
  desired: StackSpec,
  change: Change,
  signal: AbortSignal,
): Promise<Json> {
  for (const part of ['things', 'files']) mkdirSync(folder.at(part), { recursive: true, mode: 0o711 });
  const { kind, name } = change;
  if (kind === 'service') return applyService(shop, folder, desired, change, signal);
  if (change.action === 'remove') return removeThing(folder, kind, name);
  switch (kind) {
    case 'network':
      return keep(folder, { kind, name, native: toJson(given(desired.networks, kind, name)) });
    case 'volume':
      mkdirSync(volumeFolderOf(shop, folder, desired)(name), { recursive: true, mode: 0o711 });
      return keep(folder, { kind, name, native: toJson(given(desired.volumes, kind, name)) });
    case 'config':
    case 'secret':
      return keepFile(shop, folder, desired, kind, name);
    default:
      return kind satisfies never;
  }
}

function keepFile(
  shop: Workshop,
  folder: StackFolder,
  desired: StackSpec,
  kind: 'config' | 'secret',
  name: string,
): Json {
  const file = desired.files.find((one) => one.kind === kind && versionedName(one, shop.versionKey) === name);
  if (file?.base64 == null) throw notThere(kind, name);
  // its name is its content: a file that is there is right, and one that a crash cut off is written again
  writeFileSync(folder.contentFile(kind, name), Buffer.from(file.base64, 'base64'), { mode: 0o600 });
  return keep(folder, { kind, name, native: { key: file.key } });
}

function keep(folder: StackFolder, thing: KeptThing | KeptService): Json {
  const path = folder.thingFile(thing.kind, thing.name);
  const there = folder.thing(thing.kind, thing.name);
  if (there === null || canonical(there) !== canonical(thing)) writeJson(path, thing);
  return thing.native;
}

function removeThing(folder: StackFolder, kind: ThingKind, name: string): null {
  rmSync(folder.thingFile(kind, name), { force: true });
  if (kind === 'volume') rmSync(folder.volumeFolder(name), { recursive: true, force: true });
  if (kind === 'config' || kind === 'secret') rmSync(folder.contentFile(kind, name), { force: true });
  return null;
}

async function applyService(
  shop: Workshop,
  folder: StackFolder,
  desired: StackSpec,
  change: Change,
  signal: AbortSignal,
): Promise<Json> {
  if (change.action === 'remove') {
    rmSync(folder.thingFile('service', change.name), { force: true });
    await tend(shop, folder, signal);
    return null;
  }
  const spec = given(desired.services, 'service', change.name);
  const launch = launchOf(desired, spec, await surroundings(shop, folder, desired, signal));
  const revision = hashOf(launch);
  const parallelism = spec.rollout.parallelism;
  const bare = { kind: 'service', name: spec.name, revision, launch, slots: slotsOf(spec), parallelism } as const;
  keep(folder, { ...bare, isStopped: false, native: null } satisfies KeptService);
  // an instance whose record somebody changed is not what it says
  for (const one of folder.instances())
    if (one.record.service === spec.name && !one.isToStop && hashOf(one.record.launch) !== one.record.revision)
      await tellToStop(one);
  await tend(shop, folder, signal);
  return nativeOf({ ...bare, isStopped: false, native: null }, folder.instances());
}

/** `1`, `2` …; a global service has the one that is named after this node. */
function slotsOf(service: ServiceSpec): readonly string[] {
  const { mode } = service;
  if (mode.kind === 'global') return [hostname()];
  const count = mode.kind === 'job' ? mode.completions : mode.replicas;
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

async function surroundings(
  shop: Workshop,
  folder: StackFolder,
  desired: StackSpec,
  signal: AbortSignal,
): Promise<Surroundings> {
  const addresses = new Map<string, ServiceAddress>();
  for (const service of desired.services) addresses.set(service.name, await addressOf(shop, folder, service, signal));
  return {
    artifactsDirectory: shop.artifactsDirectory,
    versionKey: shop.versionKey,
    volumeFolder: volumeFolderOf(shop, folder, desired),
    addressOf: (name) => addresses.get(name),
    userOf: userOnThisMachine,
  };
}

/** A service is reached at its first instance, whose ports stay the same for as long as the stack is there. */
async function addressOf(
  shop: Workshop,
  folder: StackFolder,
  service: ServiceSpec,
  signal: AbortSignal,
): Promise<ServiceAddress> {
  const wishes = portsOf(service);
  const [slot = '1', ...more] = slotsOf(service);
  const place = { name: service.name, launch: { ports: wishes }, slots: [slot, ...more] };
  const ports = await portsOfSlot(shop.ports, folder, place, slot, signal);
  return { host: '127.0.0.1', ports: new Map(wishes.map((wish) => [wish.target, ports[portKey(wish)] ?? 0])) };
}

/** An external volume is shared by all stacks of this data folder. */
function volumeFolderOf(shop: Workshop, folder: StackFolder, desired: StackSpec): (key: string) => string {
  return (key) => {
    const external = desired.volumes.find((volume) => volume.key === key)?.external ?? null;
    return external === null
      ? folder.volumeFolder(key)
      : join(shop.dataDirectory, 'volumes', encodeURIComponent(external).replaceAll('.', '%2E'));
  };
}

function given<T extends { readonly key: string } | { readonly name: string }>(
  all: readonly T[],
  kind: ThingKind,
  name: string,
): T {
  const found = all.find((one) => ('key' in one ? one.key : one.name) === name);
  if (found === undefined) throw notThere(kind, name);
  return found;
}

const notThere = (kind: ThingKind, name: string): SlipwayError =>
  new SlipwayError('engine.refused', `the specification has no ${kind} '${name}' with a content of its own`);
