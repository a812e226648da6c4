import type { ComposeProject } from '../../compose/model.ts';
import type { Mount, ServiceSpec } from '../spec.ts';
import { byText, sorted } from './numbers.ts';

/** What one service says of another, written where it belongs: `links` are names, `volumes_from` are mounts. */
export function withRelations(services: readonly ServiceSpec[], project: ComposeProject): readonly ServiceSpec[] {
  return withLinks(withVolumesFrom(services, project), project);
}

/** `links: [db:database]`: db is found as database too, on the networks that both are on. */
function withLinks(services: readonly ServiceSpec[], project: ComposeProject): readonly ServiceSpec[] {
  const links = Object.entries(project.services).flatMap(([from, { links: list = [] }]) =>
    list.map((link) => {
      const [to = '', alias = to] = link.split(':');
      return { from, to, alias };
    }),
  );
  return services.map((service) => {
    const own = links.filter((link) => link.to === service.name && link.alias !== service.name);
    if (own.length === 0) return service;
    const networks = service.networks.map((attachment) => {
      const names = own.filter((link) => isOn(services, link.from, attachment.network)).map((link) => link.alias);
      return { ...attachment, aliases: sorted([...new Set([...attachment.aliases, ...names])]) };
    });
    return { ...service, networks };
  });
}

const isOn = (services: readonly ServiceSpec[], name: string, network: string): boolean =>
  services.some((one) => one.name === name && one.networks.some((attachment) => attachment.network === network));

/** `volumes_from: [db:ro]`: the mounts of db too, where the service has none of its own at that place. */
function withVolumesFrom(services: readonly ServiceSpec[], project: ComposeProject): readonly ServiceSpec[] {
  return services.map((service) => {
    const mounts = [...service.mounts];
    for (const text of project.services[service.name]?.volumes_from ?? []) {
      const [name = '', mode] = text.split(':');
      for (const mount of services.find((one) => one.name === name)?.mounts ?? [])
        if (!mounts.some((own) => own.target === mount.target)) mounts.push(mode === 'ro' ? readOnly(mount) : mount);
    }
    return mounts.length === service.mounts.length
      ? service
      : { ...service, mounts: mounts.sort((a, b) => byText(a.target, b.target)) };
  });
}

const readOnly = (mount: Mount): Mount => (mount.kind === 'tmpfs' ? mount : { ...mount, readOnly: true });
