import type { Finding } from '#domain/plan/change.ts';
import type { Mount, ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { findingsOf } from './finding.ts';
import type { CheckGround } from './ground.ts';

/** What Swarm cannot do of a service’s mounts, or does with a difference. */
export function checkMounts(spec: StackSpec, service: ServiceSpec, ground: CheckGround): readonly Finding[] {
  return service.mounts.flatMap((mount) => {
    switch (mount.kind) {
      case 'bind':
        return checkBind(spec, service, mount, ground);
      case 'volume':
        return checkVolume(spec, service, mount, ground);
      case 'tmpfs':
        return [];
      default:
        return mount satisfies never;
    }
  });
}

function checkBind(
  spec: StackSpec,
  service: ServiceSpec,
  mount: Mount & { readonly kind: 'bind' },
  ground: CheckGround,
): Finding[] {
  const { refused, differs, note } = findingsOf(service);
  if (mount.source.startsWith('/')) {
    const message = `'${mount.source}' must exist on the node where an instance runs: Swarm does not make it`;
    return [ground.nodes > 1 ? differs('volumes', `${message}, and each node has its own`) : note('volumes', message)];
  }
  if (ground.bindSource(spec, service, mount.source) === undefined)
    return [
      refused(
        'volumes',
        `'${mount.source}' is a path of the checkout, which is not on the nodes; make it a config (\`configs:\` with \`file:\`), copy it in the Dockerfile, or use a named volume`,
      ),
    ];
  if (ground.nodes === 1) return [];
  return [
    refused('volumes', `'${mount.source}' is a path of the checkout, which only one of ${ground.nodes} nodes has`),
  ];
}

function checkVolume(
  spec: StackSpec,
  service: ServiceSpec,
  mount: Mount & { readonly kind: 'volume' },
  ground: CheckGround,
): Finding[] {
  const { refused, differs } = findingsOf(service);
  const found: Finding[] = [];
  if (mount.subpath !== null && ground.apiMinor < 45)
    found.push(refused('volumes', `a part of a volume ('${mount.subpath}') needs Docker 26 or newer on the nodes`));
  const volume = spec.volumes.find((one) => one.key === mount.source);
  const isLocal = volume !== undefined && (volume.driver === null || volume.driver === 'local');
  const isPinned = service.placement.constraints.some((one) => /node\.(id|hostname|labels)/.test(one));
  if (isLocal && ground.nodes > 1 && !isPinned && Object.keys(volume.driverOptions).length === 0)
    found.push(
      differs(
        'volumes',
        `volume '${mount.source}' is another one on each of ${ground.nodes} nodes: pin the service to one (\`deploy.placement.constraints\`), or its data stays behind when it moves`,
      ),
    );
  return found;
}
