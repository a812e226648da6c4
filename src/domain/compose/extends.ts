import { posix } from 'node:path';
import { composeError } from './diagnostics.ts';
import { type Document, documentsOf, type Loading } from './loading.ts';
import { mergeModels, mergeServices } from './merge.ts';
import { child, isNull, isText, type MapNode, type Node } from './node.ts';
import { absolutePath } from './paths.ts';
import { without } from './reset.ts';

/** A file's services while their `extends` are resolved. */
interface Family {
  readonly file: string;
  readonly document: Document;
  readonly services: Map<string, Node>;
  readonly done: Set<string>;
}

/** A document whose services have taken over all of those that they extend. @throws ComposeError */
export function applyExtends(document: Document, loading: Loading): MapNode {
  const services = child(document.root, 'services');
  if (services?.kind !== 'map') return document.root;
  if (![...services.entries.values()].some((service) => child(service, 'extends') !== undefined)) return document.root;
  const family = familyOf(document, services);
  const families = new Map<string, Family>();
  for (const name of services.entries.keys()) resolve(name, family, families, [], loading);
  return withServices(document.root, { ...services, entries: family.services });
}

const familyOf = (document: Document, services: MapNode): Family => ({
  file: document.root.at.source.file,
  document,
  services: new Map(services.entries),
  done: new Set(),
});

const withServices = (root: MapNode, services: MapNode): MapNode => ({
  ...root,
  entries: new Map([...root.entries, ['services', services]]),
});

/** Resolves one service in its family, the base first. `chain`: what is being resolved, to find cycles. */
function resolve(
  name: string,
  family: Family,
  families: Map<string, Family>,
  chain: readonly string[],
  loading: Loading,
): Node | undefined {
  const service = family.services.get(name);
  const reference = child(service, 'extends');
  if (service === undefined || reference === undefined || family.done.has(name)) return service;
  const path = `services.${name}.extends`;
  const link = `${name} in ${family.file}`;
  if (chain.includes(link)) {
    throw composeError(reference.at, path, `services extend each other in a circle: ${[...chain, link].join(', ')}`);
  }
  const wanted = isText(reference) ? reference : child(reference, 'service');
  if (!isText(wanted)) throw composeError(reference.at, path, "the key 'service' is missing");
  const fileNode = child(reference, 'file');
  const other = isText(fileNode) ? baseFamily(fileNode.text, fileNode, path, families, loading) : family;
  const base = resolve(wanted.text, other, families, [...chain, link], loading);
  if (base === undefined) {
    throw composeError(wanted.at, path, `there is no service '${wanted.text}' in ${other.file} to extend`);
  }
  const merged = isNull(base) ? service : extended(base, service, name, family.document);
  family.services.set(name, merged);
  family.done.add(name);
  return merged;
}

/** A service over its base, which first loses what the service resets or overrides. */
function extended(base: Node, service: Node, name: string, document: Document): Node {
  const removed = document.removed
    .filter(([section, key, ...rest]) => section === 'services' && key === name && rest.length > 0)
    .map((keys) => keys.slice(2));
  const merged = mergeServices(base.kind === 'map' ? without(base, removed) : base, service, `services.${name}`);
  if (merged.kind !== 'map') return merged;
  const entries = new Map(merged.entries);
  entries.delete('extends');
  return { ...merged, entries };
}

function baseFamily(file: string, at: Node, path: string, families: Map<string, Family>, loading: Loading): Family {
  const source = at.at.source;
  const absolute = absolutePath(file, source);
  const known = families.get(absolute);
  if (known !== undefined) return known;
  const key = `${absolute}\0${source.file}`;
  const documents =
    loading.bases.get(key) ??
    documentsOf(absolute, posix.dirname(absolute), source.environment, loading, { at: at.at, path: `${path}.file` });
  if (documents === undefined) throw composeError(at.at, `${path}.file`, `there is no file ${absolute}`);
  loading.bases.set(key, documents);
  const [first, ...later] = documents;
  const services = child(first === undefined ? undefined : later.reduce(joined, first).root, 'services');
  if (first === undefined || services?.kind !== 'map') {
    throw composeError(at.at, `${path}.file`, `${absolute} has no services`);
  }
  const family = familyOf(later.reduce(joined, first), services);
  families.set(absolute, family);
  return family;
}

const joined = (base: Document, over: Document): Document => ({
  root: mergeModels(without(base.root, over.removed), over.root),
  removed: over.removed,
});
