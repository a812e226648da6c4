import { join } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import { versionedName } from '#domain/stack/files.ts';
import { resolveReferences, type ServiceAddress } from '#domain/stack/references.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { healthOf } from './health.ts';
import type { Launch, PortWish } from './record.ts';

/** What the machine adds to a specification. */
export interface Surroundings {
  readonly artifactsDirectory: string;
  readonly versionKey: Uint8Array;
  /** Folder of a volume, by its key. */
  readonly volumeFolder: (key: string) => string;
  readonly addressOf: (service: string) => ServiceAddress | undefined;
  /** Numbers of a user as Compose writes it (`1000:1000`, `postgres`); `null`: this process's own user. */
  readonly userOf: (text: string) => { readonly uid: number; readonly gid: number } | null;
}

/** Grace between the stop signal and the kill where nobody said, as Docker has it. */
const defaultGraceMs = 10_000;

/** The program and its arguments, as for this engine declared, else as Compose says; `null`: nobody said. */
export function argvOf(service: ServiceSpec): readonly string[] | null {
  const argv = service.local?.command ?? [...(service.entrypoint ?? []), ...(service.command ?? [])];
  return argv.length === 0 ? null : argv;
}

/** What the instances of a service run with. @throws SlipwayError `engine.refused` where `check` refuses the service. */
export function launchOf(spec: StackSpec, service: ServiceSpec, around: Surroundings): Launch {
  const argv = argvOf(service);
  if (argv === null || (service.local === null && service.artifact.kind !== 'checkout'))
    throw new SlipwayError(
      'engine.refused',
      `service '${service.name}' cannot run here: it is an image only`,
      localHint,
    );
  return {
    argv,
    directory: directoryOf(service, around.artifactsDirectory),
    artifact: service.artifact.kind === 'checkout' ? service.artifact.key : null,
    environment: environmentOf(service, around),
    portVariable: service.local?.portVariable ?? 'PORT',
    ports: portsOf(service),
    volumes: volumesOf(service, around),
    files: filesOf(spec, service, around.versionKey),
    health: healthOf(service),
    job: service.mode.kind === 'job',
    user: service.process.user === null ? null : around.userOf(service.process.user),
    restart: {
      condition: service.restart.condition,
      delayMs: service.restart.delayMs,
      maxAttempts: service.restart.maxAttempts,
    },
    stopSignal: signalName(service.process.stopSignal),
    stopGraceMs: service.process.stopGraceMs ?? defaultGraceMs,
  };
}

export const localHint =
  'say under `x-slipway.local` how it runs from the checkout (directory, command), or use a cluster';

/** Declared container ports, the first one first; each with how people may reach it. */
export function portsOf(service: ServiceSpec): readonly PortWish[] {
  const published = service.ports.map(
    (port): PortWish => ({ target: port.target, protocol: port.protocol, published: port.published ?? 'any' }),
  );
  const exposed = service.expose.map((target): PortWish => ({ target, protocol: 'tcp', published: null }));
  const known = new Map<string, PortWish>();
  for (const wish of exposed) known.set(portKey(wish), wish);
  for (const wish of published) if (!known.get(portKey(wish))?.published) known.set(portKey(wish), wish);
  return [...known.values()];
}

/** `8080/tcp` */
export const portKey = (port: { readonly target: number; readonly protocol: string }): string =>
  `${port.target}/${port.protocol}`;

/** The exact port asked for by the instance in this place (1, 2, 3 …); `null`: any will do. */
export function exactPort(wish: PortWish, place: number): number | null {
  if (wish.published === null || wish.published === 'any') return null;
  const port = wish.published[0] + place - 1;
  return port <= wish.published[1] ? port : null;
}

/** Environment variables that tell a process its ports: `PORT`, and for each one `PORT_8080`. */
export function portVariables(launch: Launch, ports: Readonly<Record<string, number>>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const wish of launch.ports) {
    const port = ports[portKey(wish)];
    if (port === undefined) continue;
    all[wish.protocol === 'tcp' ? `PORT_${wish.target}` : `PORT_${wish.target}_${wish.protocol.toUpperCase()}`] =
      `${port}`;
  }
  const [first] = launch.ports;
  const main = first && ports[portKey(first)];
  return main === undefined ? all : { ...all, [launch.portVariable]: `${main}` };
}

/** `my-data.1` → `MY_DATA_1`. */
export const variableName = (key: string): string => key.toUpperCase().replace(/[^A-Z0-9]/g, '_');

function directoryOf(service: ServiceSpec, artifactsDirectory: string): string | null {
  const { artifact, local } = service;
  if (artifact.kind !== 'checkout') return null;
  return join(artifactsDirectory, artifact.key, local?.directory ?? '.');
}

function environmentOf(service: ServiceSpec, around: Surroundings): Readonly<Record<string, string>> {
  const resolved = Object.entries(service.references).map(
    ([name, text]) => [name, resolveReferences(text, around.addressOf)] as const,
  );
  return { ...service.environment, ...Object.fromEntries(resolved) };
}

function volumesOf(service: ServiceSpec, around: Surroundings): Readonly<Record<string, string>> {
  const keys = service.mounts.flatMap((mount) =>
    mount.kind === 'volume' && mount.source !== null ? [mount.source] : [],
  );
  return Object.fromEntries(keys.map((key) => [key, around.volumeFolder(key)]));
}

function filesOf(spec: StackSpec, service: ServiceSpec, versionKey: Uint8Array): Launch['files'] {
  return service.files.map((mount) => {
    const file = spec.files.find((one) => one.key === mount.file && one.kind === mount.kind);
    if (!file || file.base64 === null)
      throw new SlipwayError(
        'engine.refused',
        `service '${service.name}': the content of ${mount.kind} '${mount.file}' is not known here`,
        'give its content (file, content, environment) in place of `external: true`',
      );
    // never writable or executable: it is a copy
    return { key: mount.file, kind: mount.kind, name: versionedName(file, versionKey), mode: mount.mode & 0o444 };
  });
}

function signalName(text: string | null): string {
  if (text === null || /^\d+$/.test(text)) return text === '2' ? 'SIGINT' : text === '3' ? 'SIGQUIT' : 'SIGTERM';
  return text.startsWith('SIG') ? text : `SIG${text}`;
}
