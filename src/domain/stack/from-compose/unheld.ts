import type { ComposeAttachment, ComposeMount, ComposeProject, ComposeService } from '../../compose/model.ts';
import { child, childText, type Node } from '../../compose/node.ts';
import type { Finding } from '../../plan/change.ts';
import { fromRoot } from './paths.ts';

type Told = (field: string, message: string) => Finding;

/** What a service asks for and no engine will be told of, each with its reason: nothing is dropped silently. */
export function serviceFindings(
  name: string,
  service: ComposeService,
  written: Node | undefined,
  root: string,
): readonly Finding[] {
  const refused: Told = (field, message) => ({ level: 'refused', service: name, field, message });
  const note: Told = (field, message) => ({ level: 'note', service: name, field, message });
  const { update_config: update = {}, rollback_config: rollback } = service.deploy ?? {};
  const decided = 'Slipway decides: on any failure the whole stack returns to its last stable release';
  return [
    ...(service.deploy?.mode === 'global-job' ? [refused('deploy.mode', 'a job on every node is not there yet')] : []),
    ...(knownRestart.test(service.restart ?? 'no')
      ? []
      : [refused('restart', `'${service.restart}' is none of no, always, unless-stopped, on-failure[:n]`)]),
    ...(update.failure_action === undefined || update.failure_action === 'rollback'
      ? []
      : [note('deploy.update_config.failure_action', decided)]),
    ...(update.max_failure_ratio === undefined ? [] : [note('deploy.update_config.max_failure_ratio', decided)]),
    ...(rollback === undefined ? [] : [note('deploy.rollback_config', decided)]),
    ...(service.volumes ?? []).flatMap((mount) => mountFindings(mount, written, root, refused)),
  ];
}

const knownRestart = /^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/;

function mountFindings(mount: ComposeMount, written: Node | undefined, root: string, refused: Told): Finding[] {
  const { type, source = '', target } = mount;
  if (type !== 'bind')
    return type === 'volume' || type === 'tmpfs'
      ? []
      : [refused('volumes', `${target}: a mount of the type '${type}' is not there yet`)];
  const path = fromRoot(root, source);
  if (path.startsWith('./~'))
    return [refused('volumes', `${target}: '~' has no meaning on a server: name a volume, or an absolute path`)];
  const text = writtenSource(written, target);
  const escapes = path.startsWith('/') && text !== undefined && !text.startsWith('/') && !text.startsWith('~');
  return escapes ? [refused('volumes', `${target}: '${text}' leads out of the checkout`)] : [];
}

/** A mount's source as written, before it was made absolute. */
function writtenSource(written: Node | undefined, target: string): string | undefined {
  const volumes = child(written, 'volumes');
  for (const item of volumes?.kind === 'list' ? volumes.items : []) {
    if (item.kind === 'map' && childText(item, 'target') === target) return childText(item, 'source');
    if (item.kind !== 'scalar') continue;
    const [source, at] = item.text.split(':');
    if (at === target) return source;
  }
  return undefined;
}

/** What networks, volumes, configs and secrets ask for and no engine will be told of. */
export function resourceFindings(project: ComposeProject, root: string): readonly Finding[] {
  const found: Finding[] = [];
  const told = (level: Finding['level'], field: string, message: string): void => {
    found.push({ level, service: null, field, message });
  };
  for (const [key, { ipam, enable_ipv4: ipv4 }] of Object.entries(project.networks ?? {})) {
    const at = `networks.${key}`;
    if (ipam?.driver !== undefined && ipam.driver !== 'default')
      told('differs', `${at}.ipam.driver`, 'is not passed on');
    if (ipam?.options !== undefined) told('differs', `${at}.ipam.options`, 'are not passed on');
    if (ipam?.config?.some((one) => one.aux_addresses !== undefined))
      told('differs', `${at}.ipam.config`, 'aux_addresses are not passed on');
    if (ipv4 === false) told('refused', `${at}.enable_ipv4`, 'a network without IPv4 is not there yet');
  }
  for (const [key, { driver_opts: options }] of Object.entries(project.volumes ?? {}))
    if (/^\.\.?(?:\/|$)/.test(fromRoot(root, options?.device ?? '')))
      told(
        'refused',
        `volumes.${key}`,
        'is a folder of the checkout, which is not on the nodes: use configs, or copy it',
      );
  for (const section of ['configs', 'secrets'] as const)
    for (const [key, content] of Object.entries(project[section] ?? {})) {
      const at = `${section}.${key}`;
      if (content.driver !== undefined) told('refused', `${at}.driver`, 'drivers are not there yet');
      if (content.template_driver !== undefined)
        told('refused', `${at}.template_driver`, 'templates are not there yet: use `content:` with variables');
    }
  return found;
}

/** Keys of attachments and mounts that no engine-neutral field holds, by path. */
export function otherParts(service: ComposeService): readonly (readonly [string, unknown])[] {
  const attached = Object.entries(service.networks ?? {}).flatMap(([network, attachment]) =>
    fields(`networks.${network}`, withoutHeld(attachment)),
  );
  const mounts = (service.volumes ?? []).flatMap(({ target, bind, volume }) =>
    fields(`volumes.${target}`, { selinux: bind?.selinux, recursive: bind?.recursive, labels: volume?.labels }),
  );
  return [...attached, ...mounts];
}

function withoutHeld(attachment: ComposeAttachment | null): Readonly<Record<string, unknown>> {
  const { aliases: _, driver_opts: __, ...rest } = attachment ?? {};
  return rest;
}

const fields = (path: string, values: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[`${path}.${key}`, value] as const]));
