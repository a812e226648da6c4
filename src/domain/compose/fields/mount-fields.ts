import { posix } from 'node:path';
import { parseVolume } from '../mounts.ts';
import { isText, kindOf, type Node, type ScalarNode } from '../node.ts';
import { absolutePath } from '../paths.ts';
import { labels } from './collection-fields.ts';
import { type Field, type Fields, type Json, type JsonObject, object, type Reading } from './field.ts';
import { anyText, bytes, choice, fileMode, flag, flagKept, text, whole, wholeBetween } from './scalar-fields.ts';

export const bindFields: Fields = {
  propagation: text,
  create_host_path: flagKept,
  recursive: choice('enabled', 'disabled', 'writable', 'readonly'),
  selinux: choice('z', 'Z'),
};
export const namedVolumeFields: Fields = { labels, nocopy: flag, subpath: text };
const tmpfsSize: Field = (node, path, reading) =>
  node.kind === 'scalar' && node.type !== 'string'
    ? wholeBetween(0, Number.MAX_SAFE_INTEGER)(node, path, reading)?.toString().replace(/^0$/, '') || undefined
    : bytes(node, path, reading);
export const tmpfsFields: Fields = { size: tmpfsSize, mode: whole };

/** A service volume's long form. */
export const volumeFields: Fields = {
  type: choice('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
  source: text,
  target: text,
  read_only: flag,
  consistency: text,
  bind: (node, path, reading) => {
    const found = object(bindFields)(node, path, reading);
    return found === undefined ? undefined : { create_host_path: true, ...found };
  },
  volume: object(namedVolumeFields),
  tmpfs: object(tmpfsFields),
  image: object({ subpath: text }),
};

const longVolume = object(volumeFields, { required: ['type'], catalogue: ['content', 'is_directory', 'isDirectory'] });

const cleaned = (target: string): string => posix.normalize(target).replace(/(.)\/$/, '$1');

/** One entry of a service's `volumes`. */
export const serviceVolume: Field<JsonObject> = (node, path, reading) =>
  node.kind === 'map'
    ? longMount(node, path, reading)
    : isText(node)
      ? shortMount(node, path, reading)
      : wrong(node, path, reading);

const wrong = (node: Node, path: string, reading: Reading): undefined =>
  reading.error(node, path, `is ${kindOf(node)}, but must be text or a map`);

function shortMount(node: ScalarNode, path: string, reading: Reading): JsonObject | undefined {
  const short = parseVolume(node.text);
  if (short === undefined) {
    return reading.error(node, path, `'${node.text}' has an empty part, or too many`, 'as in source:/target:ro');
  }
  const isBind = short.type === 'bind';
  const isBound = isBind || short.propagation !== undefined || short.selinux !== undefined;
  const bind = {
    ...(isBound ? { create_host_path: true } : {}),
    ...(short.propagation === undefined ? {} : { propagation: short.propagation }),
    ...(short.selinux === undefined ? {} : { selinux: short.selinux }),
  };
  return {
    type: short.type,
    ...(short.source === '' ? {} : { source: isBind ? absolutePath(short.source, node.at.source) : short.source }),
    target: cleaned(short.target),
    ...(short.readOnly ? { read_only: true } : {}),
    ...(Object.keys(bind).length > 0 ? { bind } : {}),
    ...(isBind && !short.noCopy ? {} : { volume: short.noCopy ? { nocopy: true } : {} }),
  };
}

function longMount(node: Node, path: string, reading: Reading): JsonObject | undefined {
  const found = longVolume(node, path, reading);
  if (found === undefined) return undefined;
  if (typeof found.target !== 'string') return reading.error(node, path, "the key 'target' is missing");
  const out: Record<string, Json> = { ...found };
  if (found.type === 'bind') {
    if (typeof found.source !== 'string')
      return reading.error(node, path, "the key 'source' is missing: a bind needs one");
    const source = node.kind === 'map' ? node.entries.get('source') : undefined;
    out.source = absolutePath(found.source, (source ?? node).at.source);
  }
  return out;
}

const fileMount = object({ source: text, target: text, uid: anyText, gid: anyText, mode: fileMode });

/** A config or secret in a service. `folder`: where it appears when `target` is not said. */
export const fileReference =
  (folder: string | undefined): Field<JsonObject> =>
  (node, path, reading) => {
    const found = isText(node)
      ? { source: node.text }
      : node.kind === 'map'
        ? fileMount(node, path, reading)
        : wrong(node, path, reading);
    if (found === undefined || folder === undefined || found.target !== undefined) return found;
    return { ...found, target: `${folder}/${found.source ?? ''}` };
  };
