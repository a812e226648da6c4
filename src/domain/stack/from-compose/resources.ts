import type { ComposeContent, ComposeProject } from '../../compose/model.ts';
import { child, childText, type Node } from '../../compose/node.ts';
import { SlipwayError } from '../../errors.ts';
import type { FileSpec, NetworkSpec, VolumeSpec } from '../spec.ts';
import { byText, sortedMap } from './numbers.ts';
import { fromRoot } from './paths.ts';

/** Networks that a service is on, by key. One that nobody gave a name has none: engines name it after the stack. */
export function networksOf(project: ComposeProject, tree: Node): readonly NetworkSpec[] {
  const used = new Set(Object.values(project.services).flatMap((service) => Object.keys(service.networks ?? {})));
  const networks = entries(project.networks).filter(([key]) => used.has(key));
  return networks.map(([key, network]) => ({
    key,
    external: network.external ? network.name : null,
    name: ownName(network, child(child(tree, 'networks'), key)),
    driver: network.driver ?? null,
    driverOptions: sortedMap(network.driver_opts),
    attachable: network.attachable ?? false,
    internal: network.internal ?? false,
    ipv6: network.enable_ipv6 ?? null,
    subnets: (network.ipam?.config ?? []).map(({ subnet, gateway, ip_range: range }) => ({
      subnet: subnet ?? null,
      gateway: gateway ?? null,
      ipRange: range ?? null,
    })),
    labels: sortedMap(network.labels),
  }));
}

/** All that are declared, used or not: what is no longer mounted still has its data. */
export function volumesOf(project: ComposeProject, tree: Node, root: string): readonly VolumeSpec[] {
  return entries(project.volumes).map(([key, volume]) => ({
    key,
    external: volume.external ? volume.name : null,
    name: ownName(volume, child(child(tree, 'volumes'), key)),
    driver: volume.driver ?? null,
    driverOptions: withoutRoot(sortedMap(volume.driver_opts), root),
    labels: sortedMap(volume.labels),
  }));
}

/** The loader makes a `device:` of the checkout absolute; here it is relative again. */
const withoutRoot = (options: Readonly<Record<string, string>>, root: string): Readonly<Record<string, string>> =>
  options.device === undefined ? options : { ...options, device: fromRoot(root, options.device) };

const ownName = (
  thing: { readonly name: string; readonly external?: boolean },
  written: Node | undefined,
): string | null => (thing.external || childText(written, 'name') === undefined ? null : thing.name);

const entries = <T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] =>
  Object.entries(map ?? {}).sort(([a], [b]) => byText(a, b));

export interface ContentSources {
  /** A file by its absolute path, bytes or text; `undefined` when there is none. */
  read(path: string): string | Uint8Array | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of the checkout, absolute. */
  readonly root: string;
}

/** Configs and secrets that a service mounts, by content. @throws SlipwayError `compose.invalid` for a file or variable that is not there. */
export function filesOf(project: ComposeProject, sources: ContentSources): readonly FileSpec[] {
  const services = Object.values(project.services);
  const used = new Set([
    ...services.flatMap((service) => (service.configs ?? []).map((mount) => `config/${mount.source}`)),
    ...services.flatMap((service) => (service.secrets ?? []).map((mount) => `secret/${mount.source}`)),
  ]);
  const list = (kind: FileSpec['kind'], map: Readonly<Record<string, ComposeContent>> | undefined) =>
    entries(map)
      .filter(([key]) => used.has(`${kind}/${key}`))
      .map(([key, content]) => ({
        key,
        kind,
        external: content.external ? content.name : null,
        base64: contentOf(kind, key, content, sources),
      }));
  return [...list('config', project.configs), ...list('secret', project.secrets)];
}

function contentOf(kind: string, key: string, content: ComposeContent, sources: ContentSources): string | null {
  if (content.external) return null;
  if (content.content !== undefined) return base64(content.content);
  if (content.environment !== undefined) {
    const value = sources.environment[content.environment];
    if (value !== undefined) return base64(value);
    throw new SlipwayError(
      'compose.invalid',
      `${kind} '${key}' takes the variable ${content.environment}, which is not set`,
      `set it with \`slipway env set ${content.environment}\``,
    );
  }
  const text = content.file === undefined ? undefined : sources.read(content.file);
  if (text !== undefined) return base64(text);
  throw new SlipwayError(
    'compose.invalid',
    `${kind} '${key}' takes the file ${fromRoot(sources.root, content.file ?? '?')}, which is not there`,
    'add it to the repository, or use `environment:` and `slipway env set`',
  );
}

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString('base64');
