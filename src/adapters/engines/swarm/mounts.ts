import { SlipwayError } from '#domain/errors.ts';
import type { Json } from '#domain/plan/change.ts';
import type { Mount, ServiceSpec, StackSpec, VolumeSpec } from '#domain/stack/spec.ts';
import { label, stackLabels, volumeName } from './names.ts';
import { compact, type JsonMap, sortedMap } from './native.ts';
import { escapeTemplate } from './template.ts';

/** Where the files behind a relative bind (`./x`) are on the nodes; `undefined`: nowhere. */
export type BindSource = (stack: StackSpec, service: ServiceSpec, source: string) => string | undefined;

/** Mounts as the Engine API takes them: named volumes with their stack’s prefix, binds from the node. */
export function renderMounts(stack: StackSpec, service: ServiceSpec, bindSource: BindSource): readonly JsonMap[] {
  const mounts = service.mounts.map((mount) => renderMount(stack, service, mount, bindSource));
  const { shmBytes } = service.resources;
  // services have no ShmSize; a tmpfs in its place is the same thing
  const shm = { Type: 'tmpfs', Target: '/dev/shm', TmpfsOptions: { SizeBytes: shmBytes } };
  return shmBytes === null ? mounts : [...mounts, shm];
}

function renderMount(stack: StackSpec, service: ServiceSpec, mount: Mount, bindSource: BindSource): JsonMap {
  switch (mount.kind) {
    case 'volume':
      return volumeMount(stack, mount);
    case 'bind':
      return compact({
        Type: 'bind',
        Source: escapeTemplate(absoluteSource(stack, service, mount.source, bindSource)),
        Target: mount.target,
        ReadOnly: mount.readOnly || null,
        BindOptions: compact({ Propagation: mount.propagation }),
      });
    case 'tmpfs':
      return compact({
        Type: 'tmpfs',
        Target: mount.target,
        TmpfsOptions: compact({ SizeBytes: mount.sizeBytes, Mode: mount.mode }),
      });
    default:
      return mount satisfies never;
  }
}

function volumeMount(stack: StackSpec, mount: Mount & { readonly kind: 'volume' }): JsonMap {
  const volume = stack.volumes.find((one) => one.key === mount.source);
  return compact({
    Type: 'volume',
    Source: volume ? volumeName(stack.name, volume) : mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly || null,
    VolumeOptions: compact({
      NoCopy: mount.noCopy || null,
      Subpath: mount.subpath,
      // each node makes its own volume when the first instance comes: it must be like the one that Slipway made
      ...(volume && volume.external === null ? ownVolume(stack, volume) : {}),
    }),
  });
}

const ownVolume = (stack: StackSpec, volume: VolumeSpec): Record<string, Json> => ({
  Labels: volumeLabels(stack, volume),
  DriverConfig: volume.driver
    ? compact({ Name: volume.driver, Options: sortedMap(volume.driverOptions) })
    : compact({ Options: sortedMap(volume.driverOptions) }),
});

/** Labels that a volume of a stack is made with. */
export const volumeLabels = (stack: StackSpec, volume: VolumeSpec): Readonly<Record<string, string>> =>
  sortedMap({ ...volume.labels, ...stackLabels(stack.name, stack.project), [label.volume]: volume.key });

function absoluteSource(stack: StackSpec, service: ServiceSpec, source: string, bindSource: BindSource): string {
  if (source.startsWith('/')) return source;
  const path = bindSource(stack, service, source);
  if (path !== undefined) return path;
  throw new SlipwayError(
    'engine.refused',
    `service '${service.name}' mounts '${source}' of the checkout, which is not on the nodes`,
    'make it a config (`configs:` with `file:`), copy it in the Dockerfile, or use a named volume',
  );
}
