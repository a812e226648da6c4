import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { Change, Json } from '#domain/plan/change.ts';
import { mask } from '#domain/secret.ts';
import { versionedName } from '#domain/stack/files.ts';
import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';
import { anything, type EngineApi } from './api.ts';
import { isStopped, stopConstraint } from './constraints.ts';
import { imageOf } from './container.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { fileRefs } from './files.ts';
import { byLabel, label, serviceName } from './names.ts';
import type { NativeService } from './native.ts';
import { isSameService, normaliseService } from './normalise.ts';
import { requireOurs } from './ownership.ts';
import { authHeaders } from './registry-auth.ts';
import { renderService } from './render.ts';
import {
  hasEnded,
  networks as networksShape,
  type Service,
  service as serviceShape,
  services as servicesShape,
  type Task,
  tasks as tasksShape,
} from './shapes.ts';
import { releaseMs, until } from './timeouts.ts';

/** Others may write at the same time; each try looks anew. */
const tries = 6;

/**
 * Makes the service so, and gives back its specification as read right after. It writes nothing where the engine has
 * the same already, also after a crash between writing and recording.
 * @throws SlipwayError `engine.refused`, `engine.unreachable`
 */
export async function writeService(
  swarm: Swarm,
  stack: StackSpec,
  service: ServiceSpec,
  action: Change['action'],
  signal: AbortSignal,
): Promise<Json> {
  const wanted = await render(swarm, stack, service, signal);
  let [replace, overtaken] = [action === 'replace', 'it changes faster than it can be written'];
  for (let left = tries; left > 0; left -= 1) {
    // what is to be made is made at once: the engine refuses a name that is taken, and then it is looked at
    const isNew = action === 'create' && left === tries;
    const [live, names] = await Promise.all([
      isNew ? undefined : findService(swarm.api, wanted.Name, signal),
      swarm.networkNames(stack.name, signal),
    ]);
    if (live) requireOurs('service', wanted.Name, live.Spec.Labels, stack.name);
    if (live && isSameService(wanted, live.Spec, names)) return normaliseService(live.Spec, names);
    if (live && replace) {
      await removeService(swarm, stack.name, live, signal);
      await gone(swarm.api, stack.name, live.ID, signal);
      replace = false;
      continue;
    }
    const answer = await write(swarm, service, wanted, live, signal);
    const written = answer === null ? await findService(swarm.api, wanted.Name, signal) : undefined;
    if (written) return normaliseService(written.Spec, names);
    overtaken = answer ?? overtaken;
  }
  throw new SlipwayError('engine.unreachable', `service '${wanted.Name}' could not be written: ${overtaken}`);
}

async function render(swarm: Swarm, stack: StackSpec, service: ServiceSpec, signal: AbortSignal) {
  const [ground, fileRef] = await Promise.all([swarm.ground(signal), fileRefs(swarm, stack, service, signal)]);
  const versions = stack.files.map((file) => file.external ?? versionedName(file, swarm.versionKey));
  const mounted = new Set(service.files.map((mount) => mount.file));
  const files = versions.filter((_, index) => mounted.has(stack.files[index]?.key ?? ''));
  const specHash = swarm.specHash({ service, files });
  return renderService(service, { stack, fileRef, bindSource: swarm.bindSource, specHash, ...ground });
}

/** One write: `null` once done; the engine's words where somebody else was faster (a name taken, an old version). */
async function write(
  swarm: Swarm,
  service: ServiceSpec,
  wanted: NativeService,
  live: Service | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  const headers = authHeaders(swarm.registryAuth(registryReference(service)));
  try {
    if (live) await update(swarm.api, live, keepForced(wanted, live), headers, signal);
    else await swarm.api.call(anything, { method: 'POST', path: '/services/create', body: wanted, headers }, signal);
    return null;
  } catch (error) {
    const shown = masked(error, Object.values(service.environment));
    if (isOvertaken(error, live)) return messageOf(shown);
    throw shown;
  }
}

const update = (
  api: EngineApi,
  live: Service,
  body: unknown,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => {
  const query = { version: live.Version.Index };
  return api.call(anything, { method: 'POST', path: `/services/${live.ID}/update`, query, body, headers }, signal);
};

/** The counter of forced restarts stays: going back to 0 would be one more restart. */
const keepForced = (wanted: NativeService, live: Service): NativeService => {
  const { ForceUpdate } = live.Spec.TaskTemplate;
  return ForceUpdate ? { ...wanted, TaskTemplate: { ...wanted.TaskTemplate, ForceUpdate } } : wanted;
};

/**
 * 409: the name was taken meanwhile; 500 'update out of sequence': somebody wrote in between; 404 of an update: the service was
 * removed meanwhile (of a creation: something that it names is not there).
 */
const isOvertaken = (error: unknown, live: Service | undefined): boolean =>
  error instanceof EngineAnswer &&
  (error.status === 409 ||
    (error.status === 404 && live !== undefined && /service \S+ not found/.test(error.message)) ||
    /update out of sequence/.test(error.message));

/** The engine may quote what it was given. */
function masked(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof EngineAnswer)) return error;
  return new EngineAnswer(
    error.status,
    mask(
      messageOf(error),
      secrets.filter((value) => value.length >= 8),
    ),
    error.hint,
  );
}

/** The reference by which credentials are looked up; a bare ID says nothing about its registry. */
function registryReference(service: ServiceSpec): string {
  const pinned = imageOf(service);
  return pinned.startsWith('sha256:') && service.artifact.kind === 'image' ? service.artifact.reference : pinned;
}

/** A service by its exact name. */
export async function findService(api: EngineApi, name: string, signal: AbortSignal): Promise<Service | undefined> {
  // the path may be the beginning of an id, too
  const found = await api.find(serviceShape, { path: `/services/${encodeURIComponent(name)}` }, signal);
  return found?.Spec.Name === name ? found : undefined;
}

/** Every service with the stack’s label. */
export const stackServices = (api: EngineApi, stack: StackName, signal: AbortSignal): Promise<Service[]> => {
  const query = { filters: byLabel(label.stack, stack), status: true };
  return api.call(servicesShape, { path: '/services', query }, signal);
};

/** Id → name of every network, so that specifications read alike after a network was made anew. */
export async function networkNames(api: EngineApi, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const found = await api.call(networksShape, { path: '/networks' }, signal);
  return new Map(found.map((one) => [one.Id, one.Name]));
}

/** Removes a service of ours; its containers end a while later. @throws SlipwayError where it is not ours */
export async function removeService(swarm: Swarm, stack: StackName, live: Service, signal: AbortSignal): Promise<void> {
  requireOurs('service', live.Spec.Name, live.Spec.Labels, stack);
  await swarm.api.find(anything, { method: 'DELETE', path: `/services/${live.ID}` }, signal);
}

/** Waits until no task of a removed service is left: its host ports, volumes and networks are free then. */
async function gone(api: EngineApi, stack: StackName, id: string, signal: AbortSignal): Promise<void> {
  // by label: the filter by service answers 404 as soon as the service is removed
  const left = async () => (await stackTasks(api, stack, signal)).filter((task) => task.ServiceID === id);
  await until(
    releaseMs,
    signal,
    async () => (await left()).every(hasEnded),
    () =>
      new SlipwayError('engine.unreachable', `instances of a removed service still run after ${releaseMs / 1000} s`),
  );
}

/** Every task with the stack’s label, ended ones too, as far as the manager keeps them. */
export const stackTasks = (api: EngineApi, stack: StackName, signal: AbortSignal): Promise<Task[]> =>
  api.call(tasksShape, { path: '/tasks', query: { filters: byLabel(label.stack, stack) } }, signal);

/**
 * Lets none of the service's instances run and keeps their logs. Fewer replicas would not do: Swarm deletes the
 * containers of slots that are no more, logs and all. So the service asks for a node that does not exist.
 */
export const stopService = (swarm: Swarm, stack: StackName, name: string, signal: AbortSignal): Promise<void> =>
  changeService(swarm.api, stack, serviceName(stack, name), stopped, signal);

/** Writes what `change` makes of a service of ours, where it is there; `null`: nothing is to be written. */
export async function changeService(
  api: EngineApi,
  stack: StackName,
  name: string,
  change: (live: Service) => unknown,
  signal: AbortSignal,
): Promise<void> {
  for (let left = tries; left > 0; left -= 1) {
    const live = await findService(api, name, signal);
    const wanted = live && change(live);
    if (!live || wanted === null) return;
    requireOurs('service', live.Spec.Name, live.Spec.Labels, stack);
    try {
      await update(api, live, wanted, {}, signal);
      return;
    } catch (error) {
      if (!isOvertaken(error, live)) throw error;
    }
  }
  throw new SlipwayError('engine.unreachable', `service '${name}' changes faster than it can be written`);
}

function stopped({ Spec }: Service): unknown {
  const { Placement } = Spec.TaskTemplate;
  if (isStopped(Placement?.Constraints)) return null;
  const Constraints = [...(Placement?.Constraints ?? []), stopConstraint];
  return {
    ...Spec,
    TaskTemplate: { ...Spec.TaskTemplate, Placement: { ...Placement, Constraints } },
    ...(Spec.Mode.ReplicatedJob || Spec.Mode.GlobalJob
      ? {}
      : // all at once, and not waiting for new ones that cannot come
        { UpdateConfig: { Parallelism: 0, Order: 'stop-first', FailureAction: 'continue', Monitor: 1e6 } }),
  };
}
