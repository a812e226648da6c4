import type { ComposeContent, ComposeProject } from '../../compose/model.ts';
import { SlipwayError } from '../../errors.ts';
import type { FileSpec, NetworkSpec, VolumeSpec } from '../spec.ts';
import { byText, sortedMap } from './numbers.ts';

/** Networks, by key. One that carries the project's own default name has none of its own: engines name it after the stack. */
export function networksOf(project: ComposeProject): readonly NetworkSpec[] {
  return entries(project.networks).map(([key, network]) => ({
    key,
    external: network.external ? network.name : null,
    name: ownName(project, key, network),
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

export function volumesOf(project: ComposeProject): readonly VolumeSpec[] {
  return entries(project.volumes).map(([key, volume]) => ({
    key,
    external: volume.external ? volume.name : null,
    name: ownName(project, key, volume),
    driver: volume.driver ?? null,
    driverOptions: sortedMap(volume.driver_opts),
    labels: sortedMap(volume.labels),
  }));
}

const ownName = (
  project: ComposeProject,
  key: string,
  thing: { readonly name: string; readonly external?: boolean },
): string | null => (thing.external || thing.name === `${project.name}_${key}` ? null : thing.name);

const entries = <T>(map: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] =>
  Object.entries(map ?? {}).sort(([a], [b]) => byText(a, b));

export interface ContentSources {
  /** Text of a file by its absolute path; `undefined` when there is none. */
  read(path: string): string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Configs and secrets by content. @throws SlipwayError `compose.invalid` for a file or variable that is not there. */
export function filesOf(project: ComposeProject, sources: ContentSources): readonly FileSpec[] {
  const list = (kind: FileSpec['kind'], map: Readonly<Record<string, ComposeContent>> | undefined) =>
    entries(map).map(([key, content]) => ({
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
    `${kind} '${key}' takes the file ${content.file ?? '?'}, which is not there`,
    'add it to the repository, or use `environment:` and `slipway env set`',
  );
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
