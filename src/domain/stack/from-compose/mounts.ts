import type { ComposeMount, ComposeService } from '../../compose/model.ts';
import type { Mount } from '../spec.ts';
import { bytes } from './numbers.ts';
import { fromRoot } from './paths.ts';

/** A service's volumes, binds and memory folders, by target. */
export function mountsOf(service: ComposeService, root: string): readonly Mount[] {
  const mounts = (service.volumes ?? []).flatMap((mount) => mountOf(mount, root));
  const short = (service.tmpfs ?? []).map(shortTmpfs);
  return [...mounts, ...short].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
}

function mountOf(mount: ComposeMount, root: string): Mount[] {
  const { target, read_only: readOnly = false } = mount;
  switch (mount.type) {
    case 'bind':
      return [
        {
          kind: 'bind',
          source: fromRoot(root, mount.source ?? ''),
          target,
          readOnly,
          propagation: mount.bind?.propagation ?? null,
          create: mount.bind?.create_host_path ?? false,
        },
      ];
    case 'tmpfs':
      return [
        {
          kind: 'tmpfs',
          target,
          sizeBytes: bytes(mount.tmpfs?.size),
          mode: mount.tmpfs?.mode === undefined ? null : Number.parseInt(mount.tmpfs.mode, 8),
        },
      ];
    case 'volume':
      return [
        {
          kind: 'volume',
          source: mount.source ?? null,
          target,
          readOnly,
          noCopy: mount.volume?.nocopy ?? false,
          subpath: mount.volume?.subpath ?? null,
        },
      ];
    default:
      return [];
  }
}

/** Mounts of types that no engine-neutral field holds. */
export const otherMounts = (service: ComposeService): readonly ComposeMount[] =>
  (service.volumes ?? []).filter((mount) => !['bind', 'tmpfs', 'volume'].includes(mount.type));

/** `/run` or `/run:size=64m,mode=1777`. */
function shortTmpfs(text: string): Mount {
  const [target = '', options = ''] = text.split(':');
  const value = (name: string) => new RegExp(`(?:^|,)${name}=([^,]+)`).exec(options)?.[1];
  const mode = value('mode');
  return {
    kind: 'tmpfs',
    target,
    sizeBytes: bytes(value('size')),
    mode: mode === undefined ? null : Number.parseInt(mode, 8),
  };
}
