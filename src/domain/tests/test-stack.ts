import type { Finding } from '../plan/change.ts';
import type { Mount, NetworkSpec, ServiceSpec, StackSpec, VolumeSpec } from '../stack/spec.ts';
import { parseStackName, type StackName } from '../stack-name.ts';

/**
 * The copy of a stack in which one build is tested while the live one runs on: a name of its own, no published port,
 * fresh volumes and networks, binds read-only, one instance each, and no label by which a proxy or a scheduler outside
 * would take it for the live one. Source: requirement 3.1.
 */
export function testStack(
  spec: StackSpec,
  build: string,
): { readonly spec: StackSpec; readonly findings: readonly Finding[] } {
  return {
    spec: {
      ...spec,
      name: testStackName(spec.project, build),
      services: spec.services.map(testService),
      networks: spec.networks.map(freshNetwork),
      volumes: spec.volumes.map(freshVolume),
    },
    findings: [...spec.services.flatMap(findingsOf), ...externalFiles(spec)],
  };
}

const longest = 32;

/** `<project>-t<build>`, the project cut where that is longer than a stack's name may be. @throws `stack.name_invalid` */
export function testStackName(project: string, build: string): StackName {
  const end = `-t${build}`;
  const plain = project.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  const start = (/^[a-z]/.test(plain) ? plain : `p${plain}`).slice(0, Math.max(1, longest - end.length));
  return parseStackName(`${start.replace(/(?!^)-+$/, '')}${end}`);
}

const testService = (service: ServiceSpec): ServiceSpec => ({
  ...service,
  ports: [],
  expose: [
    ...new Set([...service.expose, ...service.ports.flatMap((port) => (port.protocol === 'tcp' ? [port.target] : []))]),
  ],
  mode: service.mode.kind === 'job' ? { kind: 'job', completions: 1 } : { kind: 'replicated', replicas: 1 },
  mounts: service.mounts.map(testMount),
  labels: {},
  deployLabels: {},
  // nothing in it is worth a graceful end, and a program that ignores SIGTERM as process 1 would take ten seconds
  process: { ...service.process, stopGraceMs: 1000 },
});

const testMount = (mount: Mount): Mount =>
  mount.kind === 'bind' ? { ...mount, readOnly: true, create: false } : mount;

/** Without subnets, which are the live network's, and without a name that others share. */
const freshNetwork = (network: NetworkSpec): NetworkSpec => ({
  ...network,
  external: null,
  name: null,
  subnets: [],
  labels: {},
});

/** Without driver options: they may lead to the same NFS share or device. */
const freshVolume = ({ key }: VolumeSpec): VolumeSpec => ({
  key,
  external: null,
  name: null,
  driver: null,
  driverOptions: {},
  labels: {},
});

function findingsOf(service: ServiceSpec): readonly Finding[] {
  const { networkMode, privileged } = service.host;
  const told = (field: string, message: string): Finding => ({
    level: 'differs',
    service: service.name,
    field,
    message,
  });
  const writes = service.mounts.flatMap((mount) => (mount.kind === 'bind' && !mount.readOnly ? [mount.source] : []));
  return [
    ...(networkMode === 'host' ? [told('network_mode', 'the test stack shares the network of the node')] : []),
    ...(privileged ? [told('privileged', 'is privileged in the test stack too')] : []),
    ...(writes.length > 0 ? [told('volumes', `${writes.join(', ')} cannot be written to in the test stack`)] : []),
  ];
}

const externalFiles = (spec: StackSpec): readonly Finding[] =>
  spec.files
    .filter((file) => file.external !== null)
    .map((file) => ({
      level: 'note',
      service: null,
      field: `${file.kind}s.${file.key}`,
      message: `the test stack reads the ${file.kind} '${file.external}' of the cluster, as the live one does`,
    }));
