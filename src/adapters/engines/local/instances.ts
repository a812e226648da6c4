import { createHash } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { KeptService, StackFolder } from './folders.ts';
import { portVariables, variableName } from './launch.ts';
import { type InstanceRecord, marker, writeJson } from './record.ts';

/** What the instances of one engine have in common. */
export interface Frame {
  /** The same for every engine on one data folder, different for every folder. */
  readonly domain: string;
  readonly path: string;
  readonly log: { readonly fileBytes: number; readonly files: number };
}

/** What every part of the local engine works with. */
export const frameOf = (dataDirectory: string, log: Frame['log']): Frame => ({
  domain: createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16),
  path: [dirname(process.execPath), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(
    delimiter,
  ),
  log,
});

/** Writes the folder of a new instance, whole or not at all, with its copies of configs and secrets. */
export function makeInstance(
  frame: Frame,
  folder: StackFolder,
  service: KeptService,
  place: { readonly slot: string; readonly number: number; readonly ports: Readonly<Record<string, number>> },
): InstanceRecord {
  const id = `${encodeURIComponent(service.name)}.${place.slot}.${place.number}-${Math.random().toString(36).slice(2, 6)}`;
  const home = folder.instanceFolder(id);
  const draft = folder.at('instances', `.${id}`);
  mkdirSync(join(draft, 'files'), { recursive: true, mode: 0o711 });
  const record = recordOf(frame, folder, service, { ...place, id, home });
  for (const file of service.launch.files) {
    const copy = join(draft, 'files', encodeURIComponent(file.key));
    copyFileSync(folder.contentFile(file.kind, file.name), copy);
    own(copy, record, file.mode === 0 ? 0o400 : file.mode);
  }
  chmodSync(draft, 0o700);
  for (const path of [draft, join(draft, 'files'), ...Object.values(service.launch.volumes)]) own(path, record, null);
  writeJson(join(draft, 'instance.json'), record);
  renameSync(draft, home);
  return record;
}

function recordOf(
  frame: Frame,
  folder: StackFolder,
  service: KeptService,
  place: {
    readonly id: string;
    readonly home: string;
    readonly slot: string;
    readonly number: number;
    readonly ports: Readonly<Record<string, number>>;
  },
): InstanceRecord {
  const { launch } = service;
  const slotLock = `${frame.domain}/${folder.stack}/${service.name}/${place.slot}`;
  const instanceLock = `${slotLock}/${place.id}`;
  const paths = [
    ...Object.entries(launch.volumes).map(([key, path]) => [`SLIPWAY_VOLUME_${variableName(key)}`, path]),
    ...launch.files.map((file) => [
      `SLIPWAY_FILE_${variableName(file.key)}`,
      join(place.home, 'files', encodeURIComponent(file.key)),
    ]),
  ];
  return {
    id: place.id,
    service: service.name,
    slot: place.slot,
    number: place.number,
    revision: service.revision,
    launch,
    ports: place.ports,
    environment: {
      PATH: frame.path,
      HOME: homedir(),
      ...launch.environment,
      ...portVariables(launch, place.ports),
      ...Object.fromEntries(paths),
      [marker.slot]: slotLock,
      [marker.instance]: instanceLock,
    },
    directory: launch.directory ?? place.home,
    locks: { slot: slotLock, instance: instanceLock },
    log: { folder: join(place.home, 'log'), ...frame.log },
    stateFile: folder.stateFile(place.id),
    stopFile: join(place.home, 'stop'),
  };
}

/** What an instance of another user reads and writes is that user's. */
function own(path: string, record: InstanceRecord, mode: number | null): void {
  const { user } = record.launch;
  if (user !== null) chownSync(path, user.uid, user.gid);
  if (mode !== null) chmodSync(path, mode);
}
