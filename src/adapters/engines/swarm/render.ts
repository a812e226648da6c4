import type { Json } from '#domain/plan/change.ts';
import { hashOf } from '#domain/stack/hash.ts';
import type {
  NetworkAttachment,
  Placement,
  Resources,
  RestartPolicy,
  ServiceSpec,
  StackSpec,
} from '#domain/stack/spec.ts';
import { type ContainerParts, renderContainer } from './container.ts';
import { type Ground, renderEndpoint } from './endpoint.ts';
import { label, networkName, serviceName, stackLabels } from './names.ts';
import { compact, type JsonMap, type NativeService, nanoseconds, sortedMap } from './native.ts';
import { renderUpdate } from './rollout.ts';

export interface RenderContext extends Omit<ContainerParts, 'endpointHash'>, Ground {
  /** HMAC of the service's specification, for its label. */
  readonly specHash: string;
}

/**
 * One service as Docker's ServiceSpec. Pure: ids of configs and secrets come in `context`, networks are named.
 * @throws SlipwayError `engine.refused` where there is no pinned image, or a bind of the checkout.
 */
export function renderService(service: ServiceSpec, context: RenderContext): NativeService {
  const { stack } = context;
  const endpoint = renderEndpoint(service, context);
  const endpointHash = hashOf(endpoint).slice(0, 12);
  const job = service.mode.kind === 'job';
  return {
    Name: serviceName(stack.name, service.name),
    Labels: sortedMap({
      ...service.deployLabels,
      ...stackLabels(stack.name, stack.project),
      [label.service]: service.name,
      [label.spec]: context.specHash,
    }),
    TaskTemplate: compact({
      ContainerSpec: renderContainer(service, { ...context, endpointHash }),
      Resources: renderResources(service.resources),
      RestartPolicy: renderRestart(service.restart, job),
      Placement: renderPlacement(service.placement),
      LogDriver:
        service.logging && compact({ Name: service.logging.driver, Options: sortedMap(service.logging.options) }),
      Networks: renderNetworks(service, context),
    }),
    Mode: renderMode(service),
    // jobs are not updated instance by instance: Swarm refuses a policy for it
    ...(job ? {} : { UpdateConfig: renderUpdate(service, context) }),
    EndpointSpec: endpoint,
  };
}

function renderMode({ mode }: ServiceSpec): JsonMap {
  switch (mode.kind) {
    case 'replicated':
      return { Replicated: { Replicas: mode.replicas } };
    case 'global':
      return { Global: {} };
    case 'job':
      return { ReplicatedJob: { MaxConcurrent: mode.completions, TotalCompletions: mode.completions } };
    default:
      return mode satisfies never;
  }
}

const renderResources = ({ limits, reservations }: Resources): JsonMap =>
  compact({
    Limits: compact({
      NanoCPUs: limits.cpus === null ? null : Math.round(limits.cpus * 1e9),
      MemoryBytes: limits.memoryBytes,
      Pids: limits.pids,
    }),
    Reservations: compact({
      NanoCPUs: reservations.cpus === null ? null : Math.round(reservations.cpus * 1e9),
      MemoryBytes: reservations.memoryBytes,
    }),
  });

/** Swarm waits 5 s before each restart where nothing is said; a crash loop is known sooner with this. */
const restartDelayMs = 1000;

const renderRestart = (restart: RestartPolicy, job: boolean): JsonMap =>
  compact({
    // a job ends by itself: Swarm refuses to restart it for that
    Condition: job && restart.condition === 'any' ? 'on-failure' : restart.condition,
    Delay: nanoseconds(restart.delayMs ?? restartDelayMs),
    MaxAttempts: restart.maxAttempts,
    Window: nanoseconds(restart.windowMs),
  });

const renderPlacement = (placement: Placement): JsonMap =>
  compact({
    Constraints: placement.constraints,
    Preferences: placement.spread.map((SpreadDescriptor) => ({ Spread: { SpreadDescriptor } })),
    MaxReplicas: placement.maxPerNode,
    Platforms: placement.platform === null ? [] : [platformOf(placement.platform)],
  });

function platformOf(platform: string): JsonMap {
  const [OS, Architecture] = platform.split('/');
  return compact({ OS, Architecture });
}

function renderNetworks(service: ServiceSpec, context: RenderContext): readonly Json[] {
  const { networkMode } = service.host;
  // `host`, `none` and `bridge` are networks of each node, which Swarm attaches by their names
  if (networkMode !== null) return [{ Target: networkMode }];
  return service.networks.map((attachment) => renderAttachment(service, attachment, context.stack));
}

/** Others find the service under its name in the file, whatever the swarm calls it. */
export function renderAttachment(service: ServiceSpec, attachment: NetworkAttachment, stack: StackSpec): JsonMap {
  const network = stack.networks.find((one) => one.key === attachment.network);
  return compact({
    Target: network ? networkName(stack.name, network) : attachment.network,
    Aliases: [...new Set([service.name, ...containerName(service), ...attachment.aliases])],
    DriverOpts: sortedMap(attachment.driverOptions),
  });
}

/** Swarm names containers itself; others find the service under the name that the file gives. */
function containerName(service: ServiceSpec): readonly string[] {
  const name = service.host.other.container_name;
  return typeof name === 'string' ? [name] : [];
}
