import Docker from 'dockerode';
import { shareWork } from '../../share-work.ts';
import type { Capability, Engine } from '../contract.ts';
import { engineApi } from './api.ts';
import { applyChange } from './apply.ts';
import { checkStack } from './check.ts';
import { checkExternals } from './check-external.ts';
import { connector } from './connect.ts';
import type { RegistryAuth, Swarm } from './context.ts';
import type { Ground } from './endpoint.ts';
import { execIn } from './exec.ts';
import { pruneFiles } from './files.ts';
import { imageCache } from './images.ts';
import { kernelHasIpvs } from './ipvs.ts';
import { readLogs } from './logs.ts';
import type { BindSource } from './mounts.ts';
import { listNodes } from './nodes.ts';
import { observeStack } from './observe.ts';
import { removeStack } from './remove.ts';
import { networkNames, stopService } from './services.ts';
import { nodes as nodesShape } from './shapes.ts';
import { trimService } from './trim.ts';
import { watchStack } from './watch.ts';

export interface SwarmOptions {
  /** A Docker Engine that is a swarm's manager: its socket, or a client of one's own. */
  readonly engine: { readonly socketPath: string } | { readonly docker: Docker };
  /** The installation's key for `versionedName`. */
  readonly versionKey: Uint8Array;
  /** An HMAC of the value's canonical JSON under the installation's key: it becomes a label, and the value holds secrets. */
  readonly specHash: (value: unknown) => string;
  /** Credentials for the registry of an image reference, as they are now; they reach the nodes with the service. */
  readonly registryAuth?: (reference: string) => RegistryAuth | undefined;
  /** Any image with `sleep` and `nc`: through a container of it instances are reached that publish nothing. */
  readonly probeImage?: string;
  /** Whether the nodes' kernels have IPVS; looked for on this machine where nothing is said. */
  readonly ipvs?: boolean;
  /**
   * Where on the node the files behind a relative bind (`./x`) are: a folder that stays the same as long as its content does.
   * Only asked on a swarm of one node; `undefined` refuses the bind, as does leaving this out.
   */
  readonly bindSource?: BindSource;
}

const can: ReadonlySet<Capability> = new Set([
  'images',
  'networks',
  'udp',
  'global',
  'jobs',
  'limits',
  'files',
  'start-first',
  'published-ports',
  'many-nodes',
  'terminals',
]);

/** Docker Swarm through the Docker Engine API. Source: requirement 6.1. */
export function swarmEngine(options: SwarmOptions): Engine {
  const docker =
    'docker' in options.engine ? options.engine.docker : new Docker({ socketPath: options.engine.socketPath });
  const api = engineApi(docker);
  const images = imageCache(api);
  const grounds = shareWork<Ground>();
  const names = shareWork<ReadonlyMap<string, string>>();
  let ipvs: Promise<boolean> | undefined;

  const ground = (signal: AbortSignal): Promise<Ground> =>
    grounds.run('', signal, async (shared) => {
      ipvs ??= options.ipvs === undefined ? kernelHasIpvs() : Promise.resolve(options.ipvs);
      const nodes = await api.call(nodesShape, { path: '/nodes' }, shared);
      return { ipvs: await ipvs, nodes: Math.max(1, nodes.length) };
    });
  const swarm: Swarm = {
    api,
    versionKey: options.versionKey,
    specHash: options.specHash,
    registryAuth: options.registryAuth ?? (() => undefined),
    bindSource: options.bindSource ?? (() => undefined),
    probeImage: options.probeImage ?? 'busybox:1.36',
    ground,
    // not among all stacks: another one's question may be older than this one's network
    networkNames: (stack, signal) => names.run(stack, signal, (shared) => networkNames(api, shared)),
  };
  const connections = connector(swarm);

  return {
    kind: 'swarm',
    can,
    fixed: {
      service: ['mode.kind'],
      network: ['name', 'driver', 'driverOptions', 'internal', 'ipv6', 'subnets'],
      volume: ['name', 'driver', 'driverOptions'],
      config: [],
      secret: [],
    },
    async check(spec, signal) {
      const [now, { minor }, missing] = await Promise.all([
        ground(signal),
        api.version(signal),
        checkExternals(api, spec, signal),
      ]);
      return [...checkStack(spec, { ...now, apiMinor: minor, bindSource: swarm.bindSource }), ...missing];
    },
    observe: (stack, signal) => observeStack(api, images, stack, signal),
    apply: (desired, change, signal) => applyChange(swarm, desired, change, signal),
    watch: (stack, signal) => watchStack(api, stack, signal),
    logs: (stack, query, signal) => readLogs(api, stack, query, signal),
    exec: (stack, request, signal) => execIn(swarm, stack, request, signal),
    connect: connections.connect,
    nodes: (signal) => listNodes(api, signal),
    stop: (stack, service, signal) => stopService(swarm, stack, service, signal),
    trim: (stack, service, signal) => trimService(api, stack, service, signal),
    prune: (stack, keep, signal) => pruneFiles(swarm, stack, keep, signal),
    remove: (stack, how, signal) => removeStack(swarm, stack, how, signal),
    close: connections.close,
  };
}
