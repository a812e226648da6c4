import type { ComposeFileReference, ComposeService } from '../../compose/model.ts';
import type { Node } from '../../compose/node.ts';
import type { EnvironmentConfig } from '../../project/config.ts';
import { infoCheckOf, localSettings, type ServiceKeys, testCheck } from '../../project/service-keys.ts';
import type { Artifact, Dependency, FileMount, NetworkAttachment, ServiceSpec } from '../spec.ts';
import { hostOf, processOf } from './host.ts';
import { mountsOf } from './mounts.ts';
import { byText, sorted, sortedMap } from './numbers.ts';
import { insideRoot } from './paths.ts';
import { healthOf, modeOf, placementOf, resourcesOf, restartOf, rolloutOf } from './policies.ts';
import { exposedPorts, portsOf } from './ports.ts';

export interface ServiceInput {
  readonly name: string;
  readonly service: ComposeService;
  /** The service as its files have it. */
  readonly written: Node | undefined;
  readonly keys: ServiceKeys;
  readonly artifact: Artifact;
  readonly environment: EnvironmentConfig;
  /** Another service waits for this one to complete. */
  readonly isAwaited: boolean;
  /** The names of all services. */
  readonly others: ReadonlySet<string>;
  /** Folder of the checkout, absolute. */
  readonly root: string;
}

/** One service of the loaded model in engine-neutral words. */
export function serviceOf(input: ServiceInput): ServiceSpec {
  const { name, service, keys, artifact, root } = input;
  const mode = modeOf(service, input.isAwaited);
  return {
    name,
    artifact,
    entrypoint: service.entrypoint,
    command: service.command,
    ...variablesOf(service, keys),
    labels: sortedMap({ ...service.annotations, ...service.labels }),
    deployLabels: sortedMap(service.deploy?.labels),
    mode,
    health: healthOf(service),
    ports: portsOf(service, input.written),
    expose: exposedPorts(service),
    mounts: mountsOf(service, root),
    networks: networksOf(service),
    files: [...filesOf('config', service.configs), ...filesOf('secret', service.secrets)],
    dependsOn: dependenciesOf(service, input.others),
    restart: restartOf(service, mode),
    rollout: rolloutOf(service, keys, input.environment),
    resources: resourcesOf(service),
    placement: placementOf(service),
    process: processOf(service),
    host: hostOf(service),
    logging:
      service.logging?.driver === undefined && service.logging?.options === undefined
        ? null
        : { driver: service.logging.driver ?? 'json-file', options: sortedMap(service.logging.options) },
    checks: { test: testCheck(keys), info: infoCheckOf(keys) },
    local: localSettings(keys, service.build?.context === undefined ? null : insideRoot(root, service.build.context)),
  };
}

/** A variable without a value, here or outside, is not set. `x-slipway: environment` goes before Compose's own. */
function variablesOf(service: ComposeService, keys: ServiceKeys): Pick<ServiceSpec, 'environment' | 'references'> {
  const own = Object.entries(service.environment ?? {}).filter((pair): pair is [string, string] => pair[1] !== null);
  const said = Object.entries(keys.environment ?? {});
  const references = said.filter(([, value]) => /\{(\{|service\.)/.test(value));
  const replaced = new Set(references.map(([key]) => key));
  const plain = [...own, ...said].filter(([key]) => !replaced.has(key));
  return { environment: sortedMap(Object.fromEntries(plain)), references: sortedMap(Object.fromEntries(references)) };
}

function networksOf(service: ComposeService): readonly NetworkAttachment[] {
  const attached = Object.entries(service.networks ?? {}).map(([network, attachment]) => ({
    network,
    aliases: sorted([
      ...(attachment?.aliases ?? []),
      ...(service.container_name === undefined ? [] : [service.container_name]),
    ]),
    driverOptions: sortedMap(attachment?.driver_opts),
  }));
  return attached.sort((a, b) => byText(a.network, b.network));
}

function filesOf(
  kind: FileMount['kind'],
  references: readonly ComposeFileReference[] | undefined,
): readonly FileMount[] {
  const mounts = (references ?? []).map(({ source = '', target, uid, gid, mode }) => ({
    file: source,
    kind,
    target: targetOf(kind, target ?? source),
    uid: uid ?? '0',
    gid: gid ?? '0',
    mode: mode === undefined ? 0o444 : Number.parseInt(mode, 8),
  }));
  return mounts.sort((a, b) => byText(a.target, b.target));
}

/** Configs lie at the root, secrets below /run/secrets, unless an absolute path is said. */
function targetOf(kind: FileMount['kind'], target: string): string {
  if (target.startsWith('/')) return target;
  return kind === 'config' ? `/${target}` : `/run/secrets/${target}`;
}

const conditions = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;

/** What is not required and not there, since its profile is off, is waited for by nobody. */
function dependenciesOf(service: ComposeService, others: ReadonlySet<string>): readonly Dependency[] {
  const needs = Object.entries(service.depends_on ?? {}).filter(([name]) => others.has(name));
  const list = needs.map(([name, need]) => ({
    service: name,
    condition: conditions[need.condition],
    required: need.required,
  }));
  return list.sort((a, b) => byText(a.service, b.service));
}
