import { composeError } from './diagnostics.ts';
import { DotenvError, parseDotenv, parseRawEnv } from './dotenv.ts';
import { type ComposeFiles, readFrom } from './files.ts';
import { listOf } from './forms.ts';
import { child, childText, isText, type Node } from './node.ts';
import { absolutePath } from './paths.ts';
import type { Environment } from './source.ts';

type Variables = Readonly<Record<string, string | null>>;

/**
 * A service's variables with those of its `env_file`s below them. In the files, `${X}` sees the outside first, then
 * `environment`, then earlier lines. @throws ComposeError for a required file that is not there
 */
export function withEnvFiles(
  service: Node,
  path: string,
  variables: Variables,
  outside: Environment,
  files: ComposeFiles,
): Variables {
  const named = child(service, 'env_file');
  if (named === undefined) return variables;
  let below: Record<string, string | null> = {};
  for (const item of items(named)) {
    const seen = (name: string): string | undefined =>
      (Object.hasOwn(outside, name) ? outside[name] : undefined) ?? own(variables, name) ?? own(below, name);
    below = { ...below, ...Object.fromEntries(readVariables(item, `${path}.env_file`, seen, files)) };
  }
  // A variable without a value, here or outside, may have one in a file.
  const said = Object.entries(variables).filter(([name, value]) => value !== null || !Object.hasOwn(below, name));
  return { ...below, ...Object.fromEntries(said) };
}

const own = (variables: Variables, name: string): string | undefined =>
  Object.hasOwn(variables, name) ? (variables[name] ?? undefined) : undefined;

/** A service's labels with those of its `label_file`s below them. @throws ComposeError */
export function withLabelFiles(
  service: Node,
  path: string,
  labels: Readonly<Record<string, string>>,
  outside: Environment,
  files: ComposeFiles,
): Readonly<Record<string, string>> {
  const named = child(service, 'label_file');
  if (named === undefined) return labels;
  const seen = (name: string): string | undefined => (Object.hasOwn(outside, name) ? outside[name] : undefined);
  const below = items(named).flatMap((item) => [...readVariables(item, `${path}.label_file`, seen, files)]);
  return { ...Object.fromEntries(below), ...labels };
}

function items(node: Node): readonly Node[] {
  const list = listOf(node);
  return list.kind === 'list' ? list.items : [];
}

function readVariables(
  item: Node,
  path: string,
  seen: (name: string) => string | undefined,
  files: ComposeFiles,
): ReadonlyMap<string, string> {
  const named = isText(item) ? item : child(item, 'path');
  if (!isText(named)) return new Map();
  const file = absolutePath(named.text, named.at.source);
  const text = readFrom(files, file, named.at, path);
  const required = child(item, 'required');
  if (text === undefined) {
    if (required?.kind === 'scalar' && /^(false|no|n|off)$/i.test(required.text)) return new Map();
    throw composeError(
      named.at,
      path,
      `there is no file ${file}`,
      'write {path, required: false} if it may be missing',
    );
  }
  const format = childText(item, 'format');
  try {
    return format === 'raw' ? parseRawEnv(text, seen) : parseDotenv(text, seen);
  } catch (error) {
    if (error instanceof DotenvError) throw composeError(named.at, path, `${file}:${error.line}: ${error.message}`);
    throw error;
  }
}
