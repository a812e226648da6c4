import { SlipwayError } from '#domain/errors.ts';
import type { Json } from '#domain/plan/change.ts';
import { versionedName } from '#domain/stack/files.ts';
import type { FileMount, FileSpec, ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import type { FileRef } from './container.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { byLabel, fileName, label, stackLabels } from './names.ts';
import { sortedMap } from './native.ts';
import { normaliseFile } from './normalise.ts';
import { requireOurs } from './ownership.ts';
import { type File, files as filesShape } from './shapes.ts';

type Kind = 'config' | 'secret';

/**
 * Makes the config or secret of this versioned name, or finds it made. Its content is its name: nothing is ever changed
 * in place, which Swarm could not do either. @throws SlipwayError `engine.refused`
 */
export async function createFile(
  swarm: Swarm,
  stack: StackSpec,
  kind: Kind,
  versioned: string,
  signal: AbortSignal,
): Promise<Json> {
  const Name = fileName(stack.name, versioned);
  const there = await findFile(swarm.api, kind, Name, signal);
  if (there) return taken(there, kind, stack.name);
  const spec = stack.files.find((file) => file.kind === kind && versionedName(file, swarm.versionKey) === versioned);
  if (!spec) throw new SlipwayError('engine.refused', `${kind} '${versioned}' has no content in the specification`);
  const Labels = sortedMap({ ...stackLabels(stack.name, stack.project), [label.file]: versioned });
  try {
    const body = { Name, Labels, Data: spec.base64 ?? '' };
    await swarm.api.call(anything, { method: 'POST', path: `/${kind}s/create`, body }, signal);
  } catch (error) {
    if (!(error instanceof EngineAnswer && error.status === 409)) throw error;
  }
  const made = await findFile(swarm.api, kind, Name, signal);
  if (!made) throw new SlipwayError('engine.unreachable', `${kind} '${Name}' was made, but is not there`);
  return taken(made, kind, stack.name);
}

function taken(file: File, kind: Kind, stack: StackName): Json {
  requireOurs(kind, file.Spec.Name, file.Spec.Labels, stack);
  return normaliseFile(file);
}

async function findFile(api: EngineApi, kind: Kind, name: string, signal: AbortSignal): Promise<File | undefined> {
  return (await namedFiles(api, kind, [name], signal)).find((file) => file.Spec.Name === name);
}

/** Those that have one of these names, or one that begins with it. */
export const namedFiles = (
  api: EngineApi,
  kind: Kind,
  names: readonly string[],
  signal: AbortSignal,
): Promise<File[]> => {
  const name = Object.fromEntries(names.map((one) => [one, true]));
  return api.call(filesShape, { path: `/${kind}s`, query: { filters: { name } } }, signal);
};

/** Id and name of each config and secret that the service mounts. @throws SlipwayError `engine.refused` for one that is not there. */
export async function fileRefs(
  swarm: Swarm,
  stack: StackSpec,
  service: ServiceSpec,
  signal: AbortSignal,
): Promise<(mount: FileMount) => FileRef> {
  const nameOf = (mount: FileMount): string => nativeName(swarm, stack, mount);
  const known = new Map<string, FileRef>();
  for (const kind of ['config', 'secret'] as const) {
    const names = service.files.filter((mount) => mount.kind === kind).map(nameOf);
    if (names.length === 0) continue;
    for (const file of await namedFiles(swarm.api, kind, names, signal))
      known.set(`${kind}/${file.Spec.Name}`, { id: file.ID, name: file.Spec.Name });
  }
  return (mount) => {
    const ref = known.get(`${mount.kind}/${nameOf(mount)}`);
    if (ref) return ref;
    throw new SlipwayError(
      'engine.refused',
      `${mount.kind} '${nameOf(mount)}', which service '${service.name}' mounts, is not in the swarm`,
      `create it (\`docker ${mount.kind} create\`), or declare it with a content instead of \`external: true\``,
    );
  };
}

function nativeName(swarm: Swarm, stack: StackSpec, mount: FileMount): string {
  const spec = stack.files.find((file) => file.kind === mount.kind && file.key === mount.file);
  if (!spec) return mount.file;
  return spec.external ?? fileName(stack.name, versionedName(spec, swarm.versionKey));
}

/** Every config, or secret, with the stack’s label. */
export const stackFiles = (api: EngineApi, kind: Kind, stack: StackName, signal: AbortSignal): Promise<File[]> =>
  api.call(filesShape, { path: `/${kind}s`, query: { filters: byLabel(label.stack, stack) } }, signal);

/** The versioned name that a file was made for. */
export const versionedOf = (file: File): string => file.Spec.Labels[label.file] ?? file.Spec.Name;

/** Removes one of ours; `false` while a service still uses it. */
export async function removeFile(
  api: EngineApi,
  kind: Kind,
  stack: StackName,
  file: File,
  signal: AbortSignal,
): Promise<boolean> {
  requireOurs(kind, file.Spec.Name, file.Spec.Labels, stack);
  try {
    await api.find(anything, { method: 'DELETE', path: `/${kind}s/${file.ID}` }, signal);
    return true;
  } catch (error) {
    if (error instanceof EngineAnswer && /in use/i.test(error.message)) return false;
    throw error;
  }
}

/** The versioned names of those that were removed; those that a service still uses stay, whatever `keep` says. */
export async function pruneFiles(
  swarm: Swarm,
  stack: StackName,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const kind of ['config', 'secret'] as const)
    for (const file of await stackFiles(swarm.api, kind, stack, signal)) {
      if (keep.has(versionedOf(file))) continue;
      if (await removeFile(swarm.api, kind, stack, file, signal)) removed.push(versionedOf(file));
    }
  return removed;
}

/** What Swarm takes at most, in bytes: a content of this size or more is refused. Measured with API 1.41. */
export const limits: Readonly<Record<Kind, number>> = { secret: 512_000, config: 1_024_000 };
/** The size of a file’s content in bytes. */
export const sizeOf = (file: FileSpec): number => Buffer.byteLength(file.base64 ?? '', 'base64');
