import type { Finding } from '#domain/plan/change.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { findingsOf } from './finding.ts';
import type { CheckGround } from './ground.ts';
import { serviceName } from './names.ts';

/** Swarm makes host names of service names: 63 characters at most. */
const longestName = 63;
/** Logs can be read back from these. */
const readable: ReadonlySet<string> = new Set(['json-file', 'local', 'journald']);

/** What Swarm cannot do of a service, or does with a difference. */
export function checkService(spec: StackSpec, service: ServiceSpec, ground: CheckGround): readonly Finding[] {
  return [
    ...checkName(spec, service),
    ...checkArtifact(service, ground),
    ...checkHealth(service, ground),
    ...checkLogging(service),
  ];
}

function checkName(spec: StackSpec, service: ServiceSpec): Finding[] {
  const { refused } = findingsOf(service);
  const name = serviceName(spec.name, service.name);
  if (name.length > longestName)
    return [refused('services', `'${name}' has ${name.length} characters: Swarm takes ${longestName} at most`)];
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/.test(name))
    return [refused('services', `'${name}' is no name for a Swarm service: it must end with a letter or digit`)];
  const twin = spec.services.find((one) => one !== service && serviceName(spec.name, one.name) === name);
  return twin ? [refused('services', `'${service.name}' and '${twin.name}' would both be '${name}' in the swarm`)] : [];
}

function checkArtifact({ artifact, ...service }: ServiceSpec, ground: CheckGround): Finding[] {
  const { refused } = findingsOf({ artifact, ...service });
  switch (artifact.kind) {
    case 'unbuilt':
      return [];
    case 'checkout':
      return [refused('image', 'Swarm runs images: the service has a checkout only; add `build:` or `image:`')];
    case 'none':
      return [refused('image', 'Swarm runs images: the service has neither `image:` nor `build:`')];
    case 'image': {
      const isLocal = artifact.pinned?.startsWith('sha256:') ?? false;
      if (!isLocal || ground.nodes === 1) return [];
      const message = `'${artifact.reference}' is on one of ${ground.nodes} nodes only; give the cluster a registry`;
      return [refused('image', message)];
    }
    default:
      return artifact satisfies never;
  }
}

function checkHealth(service: ServiceSpec, ground: CheckGround): Finding[] {
  if (service.health?.startIntervalMs == null || ground.apiMinor >= 44) return [];
  return [
    findingsOf(service).differs(
      'healthcheck.start_interval',
      'this Docker Engine has no start interval (25 and newer have): the usual interval holds from the start',
    ),
  ];
}

function checkLogging(service: ServiceSpec): Finding[] {
  const driver = service.logging?.driver;
  if (driver === undefined || readable.has(driver)) return [];
  return [
    findingsOf(service).differs('logging.driver', `logs go to '${driver}', from where Slipway cannot read them back`),
  ];
}
