import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  Scalar,
  type YAMLParseError,
} from 'yaml';
import { type ComposeError, composeError } from './diagnostics.ts';
import { type MapNode, type Node, nullNode, type Place, type ScalarNode } from './node.ts';
import { resolvePlain } from './scalars.ts';
import { lineStartsOf, type Source } from './source.ts';
import { isMistake, yamlDocuments } from './yaml-documents.ts';

/** A file as the YAML library reads it: parsed once, however often it is loaded. */
export interface YamlFile {
  readonly documents: readonly Document.Parsed[];
  /** What they were read from: as in the file, but for the indentation of quoted lines. */
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** Parses a text. Mistakes stay with the documents, until `documentsIn` tells them. @throws ComposeError */
export function parseYaml(text: string, file: string): YamlFile {
  const lineStarts = lineStartsOf(text);
  try {
    const read = yamlDocuments(text);
    return { ...read, lineStarts: read.text === text ? lineStarts : lineStartsOf(read.text) };
  } catch (error) {
    // The parser recurses: a file of nothing but brackets would take the stack.
    if (!(error instanceof RangeError)) throw error;
    const source: Source = { file, directory: '/', environment: {}, lineStarts };
    throw composeError({ source, offset: 0 }, '', 'is nested too deeply');
  }
}

/**
 * The YAML documents of a file; empty ones are left out. Aliases share their target's node, merge keys are folded in,
 * every node knows its place. @throws ComposeError
 */
export function documentsIn(file: YamlFile, source: Source): readonly MapNode[] {
  const roots: MapNode[] = [];
  const foreign = file.text.indexOf(replacement);
  if (foreign !== -1)
    throw composeError({ source, offset: foreign }, '', 'not valid YAML: this is no UTF-8', 'save the file as UTF-8');
  for (const document of file.documents) {
    // What follows the first mistake is mostly its echo.
    const first = document.errors.find(isMistake);
    if (first !== undefined) throw notYaml(first, file.text, source);
    if (document.contents === null) continue;
    const root = new Conversion(source).root(document.contents);
    if (root !== undefined) roots.push(root);
  }
  return roots;
}

/** What stands where bytes could not be read as text: it would go on into names and passwords. */
const replacement = '\uFFFD';

function notYaml(error: YAMLParseError, text: string, source: Source): ComposeError {
  const [offset] = error.pos;
  const say = (message: string, hint?: string): ComposeError =>
    composeError({ source, offset }, '', `not valid YAML: ${message}`, hint);
  if (error.message.includes('call stack')) return say('it is nested too deeply');
  if (text.startsWith('${', offset - 1)) return say('a brace stands in bare text', 'put ${...} in quotes');
  if (/^Flow .* sufficiently indented/.test(error.message)) {
    return say('brackets or braces are left open', 'close them, and indent each of their lines more than the key');
  }
  if (error.message.startsWith('Nested mappings')) return say("': ' stands in bare text", 'put the value in quotes');
  return say(error.message.replace(/\s*\n[\s\S]*$/, ''));
}

/** The text under a key at the top, of the last document that has one; as written, not interpolated. */
export function topText(file: YamlFile, key: string): string | undefined {
  for (const { contents } of file.documents.toReversed()) {
    const value = isMap(contents) ? contents.get(key, true) : undefined;
    if (isScalar(value) && typeof value.value === 'string' && value.value !== '') return value.value;
  }
  return undefined;
}

/** Nodes of an expanded document, and how many of them stand below an alias. */
interface Size {
  readonly nodes: number;
  readonly aliased: number;
}

/** One document on its way from the library's tree to ours: its anchors, and what its aliases would expand to. */
class Conversion {
  readonly #source: Source;
  readonly #anchors = new Map<string, Node>();
  readonly #sizes = new Map<Node, Size>();

  constructor(source: Source) {
    this.#source = source;
  }

  root(contents: ParsedNode): MapNode | undefined {
    const root = this.#node(contents, '');
    this.#refuseBomb(root);
    if (root.kind === 'scalar' && root.type === 'null') return undefined;
    if (root.kind === 'reset') return undefined;
    if (root.kind !== 'map') throw composeError(root.at, '', 'the top level is not a map');
    return root;
  }

  #place(node: { range?: readonly [number, number, number] | null | undefined }): Place {
    return { source: this.#source, offset: node.range?.[0] ?? 0 };
  }

  #node(node: ParsedNode | null, path: string, keyAt?: Place): Node {
    if (node === null) return nullNode(keyAt ?? { source: this.#source, offset: 0 }, keyAt);
    if (isAlias(node)) return this.#alias(node.source, this.#place(node), path, keyAt);
    const made = this.#made(node, path, keyAt);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, made);
    return made;
  }

  #made(node: ParsedNode, path: string, keyAt: Place | undefined): Node {
    const at = this.#place(node);
    if (node.tag === '!reset') return this.#sized({ kind: 'reset', at, keyAt }, []);
    const replaces = node.tag === '!override' ? true : undefined;
    if (isMap(node))
      return this.#map(node.items as readonly Pair<ParsedNode, ParsedNode | null>[], at, path, keyAt, replaces);
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.#node(item as ParsedNode, `${path}[${i}]`));
      return this.#sized(
        { kind: 'list', items: items.filter((item) => item.kind !== 'reset'), at, keyAt, replaces },
        items,
      );
    }
    return this.#sized({ ...scalar(node as Scalar, at), keyAt, replaces }, []);
  }

  #alias(name: string, at: Place, path: string, keyAt: Place | undefined): Node {
    const target = this.#anchors.get(name);
    if (target === undefined) throw composeError(at, path, `*${name} refers to no anchor before it, or to itself`);
    // The place stays the anchor's: that is where the value is written.
    const shared = { ...target, keyAt };
    const nodes = this.#sizes.get(target)?.nodes ?? 1;
    this.#sizes.set(shared, { nodes, aliased: nodes });
    return shared;
  }

  #map(
    pairs: readonly Pair<ParsedNode, ParsedNode | null>[],
    at: Place,
    path: string,
    keyAt: Place | undefined,
    replaces: boolean | undefined,
  ): Node {
    const own = new Map<string, Node>();
    const children: Node[] = [];
    let merged: Node | undefined;
    for (const pair of pairs) {
      const key = this.#key(pair.key, path);
      const place = this.#place(pair.key);
      const isMerge = key === '<<' && isScalar(pair.key) && pair.key.type === Scalar.PLAIN;
      if (key === '__proto__') throw composeError(place, path, "'__proto__' cannot be a key");
      if (isMerge ? merged !== undefined : own.has(key))
        throw composeError(place, path, `the key '${key}' is there twice`);
      const value = this.#node(pair.value, path === '' ? key : `${path}.${key}`, place);
      children.push(value);
      if (isMerge) merged = value;
      else own.set(key, value);
    }
    const entries = merged === undefined ? own : withMerged(own, merged, path);
    return this.#sized({ kind: 'map', entries, at, keyAt, replaces }, children);
  }

  #key(key: ParsedNode, path: string): string {
    const aliased = isAlias(key) ? this.#anchors.get(key.source) : undefined;
    const found = aliased ?? (isScalar(key) ? scalar(key, this.#place(key)) : undefined);
    if (found?.kind === 'scalar' && found.type === 'string') return found.text;
    const hint = 'put the key in quotes';
    throw composeError(this.#place(key), path, 'a key is not text', found === undefined ? undefined : hint);
  }

  #sized<N extends Node>(node: N, children: readonly Node[]): N {
    let nodes = 1;
    let aliased = 0;
    for (const below of children) {
      const size = this.#sizes.get(below);
      nodes += size?.nodes ?? 1;
      aliased += size?.aliased ?? 0;
    }
    this.#sizes.set(node, { nodes, aliased });
    return node;
  }

  /** go-yaml's limit: the share that aliases may make up falls from 99 % at 400,000 nodes to 10 % at 4,000,000. */
  #refuseBomb(root: Node): void {
    const { nodes, aliased } = this.#sizes.get(root) ?? { nodes: 1, aliased: 0 };
    if (nodes <= 1000 || aliased <= 100) return;
    const share = nodes <= 400_000 ? 0.99 : nodes >= 4_000_000 ? 0.1 : 0.99 - 0.89 * ((nodes - 400_000) / 3_600_000);
    if (aliased / nodes > share) throw composeError(root.at, '', 'aliases expand to far more than the file says');
  }
}

/** A map with what `<<` brings: its own keys win, then the earlier of several maps. */
function withMerged(own: ReadonlyMap<string, Node>, merged: Node, path: string): ReadonlyMap<string, Node> {
  const maps = merged.kind === 'list' ? merged.items : [merged];
  const entries = new Map(own);
  for (const map of maps) {
    if (map.kind !== 'map') throw composeError(map.at, path, `'<<' takes a map or a list of maps, not ${map.kind}`);
    for (const [key, value] of map.entries) if (!entries.has(key)) entries.set(key, value);
  }
  return entries;
}

function scalar(node: Scalar, at: Place): ScalarNode {
  const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
  const isPlain = node.type === Scalar.PLAIN || node.type === undefined;
  if (node.tag === '!!str' || node.tag === 'tag:yaml.org,2002:str') return { kind: 'scalar', type: 'string', text, at };
  const isTagged = node.tag?.startsWith('tag:yaml.org,2002:') === true;
  if (!isPlain && !isTagged) return { kind: 'scalar', type: 'string', text, at };
  const [type, printed] = resolvePlain(text);
  return { kind: 'scalar', type, text: printed, at };
}
