import type { NetworkSpec, ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { Swarm } from './context.ts';
import { networkName, serviceName } from './names.ts';
import { findNetwork } from './networks.ts';
import { renderAttachment } from './render.ts';
import { changeService, findService, stackServices } from './services.ts';
import type { Network, Service } from './shapes.ts';

/** Takes the network from every service of the stack that has it, so that it can be removed. */
export async function detachNetwork(
  swarm: Swarm,
  stack: StackName,
  network: Network,
  signal: AbortSignal,
): Promise<void> {
  for (const live of await stackServices(swarm.api, stack, signal))
    await changeService(swarm.api, stack, live.Spec.Name, (now) => withoutNetwork(now, network), signal);
}

function withoutNetwork({ Spec }: Service, network: Network): unknown {
  const { Networks } = Spec.TaskTemplate;
  const left = Networks.filter((one) => one.Target !== network.Id && one.Target !== network.Name);
  if (left.length === Networks.length) return null;
  return { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, Networks: left } };
}

/** Gives the network to every service that runs and should have it. */
export async function attachNetwork(
  swarm: Swarm,
  desired: StackSpec,
  spec: NetworkSpec,
  signal: AbortSignal,
): Promise<void> {
  const name = networkName(desired.name, spec);
  const network = await findNetwork(swarm.api, name, signal);
  if (!network) return;
  for (const service of desired.services) {
    const native = serviceName(desired.name, service.name);
    if (!(await findService(swarm.api, native, signal))) continue;
    const add = (now: Service): unknown => withNetwork(now, network, service, spec, desired);
    await changeService(swarm.api, desired.name, native, add, signal);
  }
}

function withNetwork(
  { Spec }: Service,
  network: Network,
  service: ServiceSpec,
  spec: NetworkSpec,
  desired: StackSpec,
): unknown {
  const wanted = service.networks.find((one) => one.network === spec.key);
  const { Networks } = Spec.TaskTemplate;
  const has = Networks.some((one) => one.Target === network.Id || one.Target === network.Name);
  if (!wanted || has || service.host.networkMode !== null) return null;
  const all = [...Networks, renderAttachment(service, wanted, desired)];
  return { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, Networks: all } };
}
