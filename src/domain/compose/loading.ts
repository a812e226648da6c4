import { SlipwayError } from '../errors.ts';
import { type Diagnostic, diagnostic } from './diagnostics.ts';
import { type ComposeFiles, readFrom } from './files.ts';
import { interpolateNode } from './interpolate.ts';
import type { MapNode, Place } from './node.ts';
import { documentsIn, parseYaml, type YamlFile } from './parse.ts';
import { type Keys, splitResets } from './reset.ts';
import type { Environment, Source } from './source.ts';

/** What one load carries along: how files are read, and the warnings so far. */
export interface Loading {
  readonly files: ComposeFiles;
  readonly strict: boolean;
  readonly warnings: Diagnostic[];
  /** Files read and parsed so far. */
  readonly parsed: Map<string, YamlFile>;
  /** How many were asked for, each time counted. */
  readonly opened: { count: number };
  /** Bases of `extends: {file}`, parsed once each. */
  readonly bases: Map<string, readonly Document[]>;
}

/** Far above any real file or project, and low enough that a hostile one cannot take the memory. */
const longest = 8 * 1024 * 1024;
const most = 1000;

/** One YAML document, interpolated, with the paths that its `!reset` and `!override` take from earlier ones. */
export interface Document {
  readonly root: MapNode;
  readonly removed: readonly Keys[];
}

/** Who asks for a file. */
export interface Asker {
  readonly at: Place;
  readonly path: string;
}

/** A file, parsed; undefined when there is none. @throws ComposeError */
export function yamlOf(file: string, loading: Loading, askedBy?: Asker): YamlFile | undefined {
  if (++loading.opened.count > most) {
    throw new SlipwayError('compose.invalid', `${file}: more than ${most} files are included or extended`);
  }
  const known = loading.parsed.get(file);
  if (known !== undefined) return known;
  const text =
    askedBy === undefined ? loading.files.read(file) : readFrom(loading.files, file, askedBy.at, askedBy.path);
  if (text === undefined) return undefined;
  if (text.length > longest) throw new SlipwayError('compose.invalid', `${file} is larger than ${longest} characters`);
  const parsed = parseYaml(text, file);
  loading.parsed.set(file, parsed);
  return parsed;
}

/** Reads and interpolates the documents of a file; undefined when there is no such file. @throws ComposeError */
export function documentsOf(
  file: string,
  directory: string,
  environment: Environment,
  loading: Loading,
  askedBy?: Asker,
): readonly Document[] | undefined {
  const parsed = yamlOf(file, loading, askedBy);
  if (parsed === undefined) return undefined;
  const source: Source = { file, directory, environment, lineStarts: parsed.lineStarts };
  const warned = new Set<string>();
  return documentsIn(parsed, source).map((root) => {
    const split = splitResets(root);
    const interpolated = interpolateNode(split.root, '', (node, path, variable) => {
      if (warned.has(variable)) return;
      warned.add(variable);
      loading.warnings.push(diagnostic(node.at, path, `the variable ${variable} is not set: it becomes empty`));
    });
    return { root: interpolated, removed: split.removed };
  });
}
