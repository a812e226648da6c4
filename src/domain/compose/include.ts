import { posix } from 'node:path';
import { composeError } from './diagnostics.ts';
import { DotenvError, parseDotenv } from './dotenv.ts';
import { readFrom } from './files.ts';
import { listOf } from './forms.ts';
import type { Document, Loading } from './loading.ts';
import { mergeModels } from './merge.ts';
import { child, isText, kindOf, type MapNode, type Node, type Place, type ScalarNode } from './node.ts';
import { absolutePath } from './paths.ts';
import { without } from './reset.ts';
import type { Environment } from './source.ts';

/** Loads and merges some files into one model: load.ts, which include.ts must not import. */
export type LoadFiles = (
  files: readonly IncludedFile[],
  directory: string,
  environment: Environment,
  chain: readonly string[],
) => MapNode | undefined;

/** A file, and the place that names it. */
export interface IncludedFile {
  readonly file: string;
  readonly askedBy?: { readonly at: Place; readonly path: string };
}

const sections = ['services', 'networks', 'volumes', 'configs', 'secrets', 'models'];

/**
 * A document with everything that it includes: each include has a directory and a `.env` of its own, what surrounds it
 * wins, and the including file wins over what it includes. @throws ComposeError
 */
export function applyIncludes(
  document: Document,
  chain: readonly string[],
  loading: Loading,
  load: LoadFiles,
): MapNode {
  const include = document.root.entries.get('include');
  if (include === undefined) return document.root;
  if (include.kind !== 'list') throw composeError(include.at, 'include', `is ${kindOf(include)}, but must be a list`);
  const own = new Map(document.root.entries);
  own.delete('include');
  let root: MapNode = { ...document.root, entries: own };
  include.items.forEach((item, i) => {
    const model = loadOne(item, `include[${i}]`, chain, loading, load);
    if (model === undefined) return;
    const imported = new Map([...model.entries].filter(([key]) => sections.includes(key)));
    root = mergeModels(without({ ...model, entries: imported }, document.removed), root);
  });
  return root;
}

function loadOne(
  item: Node,
  path: string,
  chain: readonly string[],
  loading: Loading,
  load: LoadFiles,
): MapNode | undefined {
  const named = isText(item) ? item : child(item, 'path');
  if (named === undefined) throw composeError(item.at, path, "the key 'path' is missing");
  const paths = textsOf(named, path);
  const [first] = paths;
  if (first === undefined) throw composeError(named.at, path, 'names no file');
  const files = paths.map((node) => ({
    file: absolutePath(node.text, node.at.source),
    askedBy: { at: node.at, path },
  }));
  const directoryNode = child(item, 'project_directory');
  const directory = isText(directoryNode)
    ? absolutePath(directoryNode.text, directoryNode.at.source)
    : posix.dirname(files[0]?.file ?? '/');
  for (const { file } of files) {
    if (chain.includes(file))
      throw composeError(first.at, path, `files include each other in a circle: ${[...chain, file].join(', ')}`);
  }
  return load(files, directory, includeEnvironment(item, path, directory, loading), chain);
}

function textsOf(node: Node, path: string): readonly ScalarNode[] {
  const list = listOf(node);
  return (list.kind === 'list' ? list.items : []).map((item) => {
    if (isText(item)) return item;
    throw composeError(item.at, path, `is ${kindOf(item)}, but must be text`);
  });
}

/** The surrounding variables, and below them those of the include's env files, or of the `.env` in its directory. */
function includeEnvironment(item: Node, path: string, directory: string, loading: Loading): Environment {
  const outside = item.at.source.environment;
  const named = child(item, 'env_file');
  const files =
    named === undefined
      ? [{ file: posix.join(directory, '.env'), node: item, required: false }]
      : textsOf(named, `${path}.env_file`)
          .filter((node) => node.text !== '/dev/null')
          .map((node) => ({ file: absolutePath(node.text, node.at.source), node, required: true }));
  let environment = outside;
  for (const { file, node, required } of files) {
    const text = readFrom(loading.files, file, node.at, path);
    if (text === undefined && required) throw composeError(node.at, `${path}.env_file`, `there is no file ${file}`);
    if (text !== undefined) environment = { ...environment, ...below(outside, environment, text, node.at, path, file) };
  }
  return environment;
}

function below(
  outside: Environment,
  now: Environment,
  text: string,
  at: Place,
  path: string,
  file: string,
): Environment {
  try {
    const values = parseDotenv(text, (name) => (Object.hasOwn(now, name) ? now[name] : undefined));
    return Object.fromEntries([...values].filter(([name]) => !Object.hasOwn(outside, name)));
  } catch (error) {
    if (error instanceof DotenvError) throw composeError(at, path, `${file}:${error.line}: ${error.message}`);
    throw error;
  }
}
