import { isText, type Node } from '../node.ts';
import { absolutePath, contextPath } from '../paths.ts';
import { hosts, keyed, labels, textOrTexts, texts, variables } from './collection-fields.ts';
import { type Field, type Fields, type Json, type JsonObject, list, object } from './field.ts';
import { fileReference } from './mount-fields.ts';
import { bytes, flag, text } from './scalar-fields.ts';
import { ulimits } from './ulimit-fields.ts';

const context: Field<string> = (node, path, reading) => {
  const found = text(node, path, reading);
  return found === undefined ? undefined : contextPath(found, node.at.source);
};

const contexts: Field<JsonObject> = (node, path, reading) => {
  const found = keyed('')(node, path, reading);
  if (found === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name, contextPath(String(value), node.at.source)]),
  );
};

/** SSH agents, printed as a list of `id` or `id=path`. */
const ssh: Field<readonly string[]> = (node, path, reading) => {
  if (isText(node)) {
    return node.text === 'default'
      ? ['default']
      : reading.error(node, path, "is text, but must be 'default', a map or a list");
  }
  const found = keyed('')(node, path, reading);
  if (found === undefined) return undefined;
  return Object.entries(found).map(([id, value]) =>
    value === '' ? id : `${id}=${absolutePath(String(value), node.at.source)}`,
  );
};

const textOrFlag: Field<string> = (node, path, reading) =>
  node.kind === 'scalar' && (node.type === 'bool' || node.type === 'string')
    ? node.text || undefined
    : reading.error(node, path, 'must be text or true/false');

export const buildFields: Fields = {
  context,
  dockerfile: text,
  dockerfile_inline: text,
  entitlements: texts,
  args: variables,
  ssh,
  labels,
  cache_from: texts,
  cache_to: texts,
  no_cache: flag,
  no_cache_filter: textOrTexts,
  additional_contexts: contexts,
  network: text,
  provenance: textOrFlag,
  pull: flag,
  sbom: textOrFlag,
  target: text,
  shm_size: bytes,
  extra_hosts: hosts,
  isolation: text,
  privileged: flag,
  secrets: list(fileReference(undefined)),
  tags: texts,
  ulimits,
  platforms: texts,
};
const longBuild = object(buildFields);

/** A service's `build`; without a context it is the file's own directory. */
export const build: Field<JsonObject> = (node, path, reading) => {
  const found: JsonObject | undefined = isText(node) ? shortBuild(node) : longBuild(node, path, reading);
  if (found === undefined) return undefined;
  const out: Record<string, Json> = { ...found };
  out.context ??= contextPath('.', node.at.source);
  const isSaid = node.kind === 'map' && (node.entries.has('dockerfile') || node.entries.has('dockerfile_inline'));
  if (!isSaid) out.dockerfile = 'Dockerfile';
  return out;
};

const shortBuild = (node: Node): JsonObject =>
  isText(node) && node.text !== '' ? { context: contextPath(node.text, node.at.source) } : {};
