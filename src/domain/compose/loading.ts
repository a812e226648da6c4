import { type Diagnostic, diagnostic } from './diagnostics.ts';
import { type ComposeFiles, readFrom } from './files.ts';
import { interpolateNode } from './interpolate.ts';
import type { MapNode, Place } from './node.ts';
import { parseYaml } from './parse.ts';
import { type Keys, splitResets } from './reset.ts';
import { type Environment, lineStartsOf, type Source } from './source.ts';

/** What one load carries along: how files are read, and the warnings so far. */
export interface Loading {
  readonly files: ComposeFiles;
  readonly strict: boolean;
  readonly warnings: Diagnostic[];
  /** Bases of `extends: {file}`, parsed once each. */
  readonly bases: Map<string, readonly Document[]>;
}

/** One YAML document, interpolated, with the paths that its `!reset` and `!override` take from earlier ones. */
export interface Document {
  readonly root: MapNode;
  readonly removed: readonly Keys[];
}

/** Reads and interpolates the documents of a file; undefined when there is no such file. @throws ComposeError */
export function documentsOf(
  file: string,
  directory: string,
  environment: Environment,
  loading: Loading,
  askedBy?: { readonly at: Place; readonly path: string },
): readonly Document[] | undefined {
  const text =
    askedBy === undefined ? loading.files.read(file) : readFrom(loading.files, file, askedBy.at, askedBy.path);
  if (text === undefined) return undefined;
  const source: Source = { file, directory, environment, lineStarts: lineStartsOf(text) };
  const warned = new Set<string>();
  return parseYaml(text, source).map((root) => {
    const split = splitResets(root);
    const interpolated = interpolateNode(split.root, '', (node, path, variable) => {
      if (warned.has(variable)) return;
      warned.add(variable);
      loading.warnings.push(diagnostic(node.at, path, `the variable ${variable} is not set: it becomes empty`));
    });
    return { root: interpolated, removed: split.removed };
  });
}
