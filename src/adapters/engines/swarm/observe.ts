import { type ObservedThing, thingId } from '#domain/plan/change.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { Observed } from '../contract.ts';
import type { EngineApi } from './api.ts';
import { stackFiles, versionedOf } from './files.ts';
import type { Images } from './images.ts';
import { byLabel, label } from './names.ts';
import { normaliseFile, normaliseNetwork, normaliseService, normaliseVolume } from './normalise.ts';
import { stackServices, stackTasks } from './services.ts';
import {
  type Container,
  containers as containersShape,
  type File,
  type Network,
  type Node,
  networks as networksShape,
  nodes as nodesShape,
  type Service,
  type Task,
  type Volume,
} from './shapes.ts';
import { bySlot, instancesOf, orphanOf, wantedOf } from './tasks.ts';
import { stackVolumes } from './volumes.ts';

/** What runs under the stack's label, in a few calls side by side. */
export async function observeStack(
  api: EngineApi,
  images: Images,
  stack: StackName,
  signal: AbortSignal,
): Promise<Observed> {
  const filters = byLabel(label.stack, stack);
  const [services, tasks, nodes, networks, volumes, configs, secrets, containers] = await Promise.all([
    stackServices(api, stack, signal),
    stackTasks(api, stack, signal),
    api.call(nodesShape, { path: '/nodes' }, signal),
    api.call(networksShape, { path: '/networks' }, signal),
    stackVolumes(api, stack, signal),
    stackFiles(api, 'config', stack, signal),
    stackFiles(api, 'secret', stack, signal),
    api.call(containersShape, { path: '/containers/json', query: { filters, all: true } }, signal),
  ]);
  await images.learn(tasks, signal);
  const names = new Map(networks.map((one) => [one.Id, one.Name]));
  const files = [...configs.map((one) => fileThing('config', one)), ...secrets.map((one) => fileThing('secret', one))];
  const ours = networks.filter((one) => one.Labels[label.stack] === stack);
  const things = [
    ...ours.map(networkThing),
    ...volumes.map(volumeThing),
    ...files,
    ...services.map((one) => serviceThing(one, names)),
  ];
  return {
    things: things.sort((a, b) => (thingId(a) < thingId(b) ? -1 : 1)),
    instances: allInstances(services, tasks, nodes, containers, images),
    wanted: Object.fromEntries(services.map((one) => [nameOf(one), wantedOf(one, nodes)])),
  };
}

function allInstances(
  services: readonly Service[],
  tasks: readonly Task[],
  nodes: readonly Node[],
  containers: readonly Container[],
  images: Images,
): readonly Instance[] {
  const byId = new Map(nodes.map((node) => [node.ID, node]));
  const imageOf = new Map(containers.map((one) => [one.Id, one.ImageID]));
  const context = {
    nodes: byId,
    artifactOf: (task: Task) => images.artifactOf(task, imageOf.get(task.Status.ContainerStatus?.ContainerID ?? '')),
    isChecked: images.isChecked,
  };
  const known = services.flatMap((service) => {
    const mine = tasks.filter((task) => task.ServiceID === service.ID);
    return instancesOf(mine, { ...context, name: nameOf(service), service });
  });
  const ids = new Set(services.map((service) => service.ID));
  const orphans = tasks.filter((task) => !ids.has(task.ServiceID)).flatMap((task) => orphanOf(task, byId));
  return [...known, ...orphans].sort(bySlot);
}

/** A service's name in the Compose file. */
const nameOf = (service: Service): string => service.Spec.Labels[label.service] ?? service.Spec.Name;

const serviceThing = (one: Service, names: ReadonlyMap<string, string>): ObservedThing => ({
  kind: 'service',
  name: nameOf(one),
  id: one.ID,
  native: normaliseService(one.Spec, names),
});
const networkThing = (one: Network): ObservedThing => ({
  kind: 'network',
  name: one.Labels[label.network] ?? one.Name,
  id: one.Id,
  native: normaliseNetwork(one),
});
const volumeThing = (one: Volume): ObservedThing => ({
  kind: 'volume',
  name: one.Labels[label.volume] ?? one.Name,
  id: one.Name,
  native: normaliseVolume(one),
});
const fileThing = (kind: 'config' | 'secret', one: File): ObservedThing => ({
  kind,
  name: versionedOf(one),
  id: one.ID,
  native: normaliseFile(one),
});
