import { canonical } from '#domain/stack/hash.ts';
import type { Instance } from '#domain/stack/instance.ts';
import { isStopped, meets, takesWork } from './constraints.ts';
import { label } from './names.ts';
import { isSameTemplate } from './normalise.ts';
import { labelsOf, type Node, type Service, type Task } from './shapes.ts';

export interface TaskContext {
  /** The service's name in the Compose file. */
  readonly name: string;
  readonly service: Service;
  readonly nodes: ReadonlyMap<string, Node>;
  /** What the task's container really runs; `null` while there is none. */
  readonly artifactOf: (task: Task) => string | null;
  /** Has it a health check, of the specification or of the image? */
  readonly isChecked: (task: Task) => boolean;
}

/**
 * One service's tasks as instances: of each slot the newest that the engine wants, or else the newest that failed, and
 * every older one that still runs. The rest of a slot's history are its failures.
 */
export function instancesOf(tasks: readonly Task[], context: TaskContext): readonly Instance[] {
  const slots = new Map<string, Task[]>();
  for (const task of tasks) {
    const slot = slotOf(task, context);
    slots.set(slot, [...(slots.get(slot) ?? []), task]);
  }
  return [...slots].flatMap(([slot, history]) => slotInstances(slot, newestFirst(history), context));
}

/** What is left of a removed service: its containers, while they stop. */
export function orphanOf(task: Task, nodes: ReadonlyMap<string, Node>): readonly Instance[] {
  if (!isLeftOver(task)) return [];
  const node = nodes.get(task.NodeID ?? '')?.Description.Hostname ?? null;
  return [
    {
      id: task.ID,
      service: labelsOf(task)[label.service] ?? task.ServiceID,
      slot: task.Slot ? String(task.Slot) : (node ?? task.ID),
      node,
      state: 'stopping',
      health: 'unchecked',
      current: false,
      artifact: null,
      message: null,
      exitCode: null,
      since: Date.parse(task.Status.Timestamp),
      failures: [],
      published: [],
    },
  ];
}

/** How many instances Swarm means to run. */
export function wantedOf(service: Service, nodes: readonly Node[]): number {
  const { Mode, TaskTemplate } = service.Spec;
  const constraints = TaskTemplate.Placement?.Constraints;
  if (isStopped(constraints)) return 0;
  if (Mode.Replicated) return Mode.Replicated.Replicas ?? 1;
  if (Mode.ReplicatedJob) return Mode.ReplicatedJob.TotalCompletions ?? 1;
  // right after it was made a global service has no tasks yet: count the nodes it is for, or it would seem done with none
  const fitting = nodes.filter((node) => takesWork(node) && meets(node, constraints)).length;
  return Math.max(fitting, service.ServiceStatus?.DesiredTasks ?? 0);
}

function slotInstances(slot: string, history: readonly Task[], context: TaskContext): readonly Instance[] {
  const stopped = isStopped(context.service.Spec.TaskTemplate.Placement?.Constraints);
  const head = headOf(history, context);
  const shown = history.filter((task) => (task === head ? !(stopped && hasNotStarted(task)) : isLeftOver(task)));
  const failures = head && isPresent(head, context) ? failuresOf(history, context) : [];
  return shown.map((task) => toInstance(slot, task, task === head, task === head ? failures : [], context));
}

const headOf = (history: readonly Task[], context: TaskContext): Task | undefined =>
  history.find(isWanted) ??
  history.find((task) => (stateOf(task) === 'failed' || task.Status.State === 'complete') && isPresent(task, context));

function toInstance(
  slot: string,
  task: Task,
  isHead: boolean,
  failures: Instance['failures'],
  context: TaskContext,
): Instance {
  const state = stateOf(task);
  const ended = state === 'failed' || state === 'completed';
  return {
    id: task.ID,
    service: context.name,
    slot,
    node: nodeName(task, context),
    state,
    health: healthOf(task, context),
    current: isHead && isPresent(task, context),
    artifact: context.artifactOf(task),
    message: messageOf(task, state),
    exitCode: ended && hasRun(task) ? (task.Status.ContainerStatus?.ExitCode ?? 0) : null,
    since: Date.parse(task.Status.Timestamp),
    failures,
    published: publishedOf(task, context),
  };
}

/** Made from the service's present template. */
function isPresent(task: Task, context: TaskContext): boolean {
  const iteration = context.service.JobStatus?.JobIteration?.Index;
  if (isJob(context.service) && (task.JobIteration?.Index ?? 0) !== (iteration ?? 0)) return false;
  return isSameTemplate(task, context.service) || differsInPlacementOnly(task, context);
}

/** Swarm lets an instance run on where only constraints changed and its node meets the new ones. */
function differsInPlacementOnly(task: Task, { service, nodes }: TaskContext): boolean {
  const node = nodes.get(task.NodeID ?? '');
  const placement = service.Spec.TaskTemplate.Placement;
  if (!node || !meets(node, placement?.Constraints)) return false;
  return isSameTemplate({ ...task, Spec: { ...task.Spec, Placement: placement } }, service);
}

function failuresOf(history: readonly Task[], context: TaskContext): Instance['failures'] {
  const job = isJob(context.service);
  return history
    .filter((task) => stateOf(task) === 'failed' || (!job && task.Status.State === 'complete'))
    .filter((task) => isPresent(task, context))
    .map((task) => ({
      at: Date.parse(task.Status.Timestamp),
      message: messageOf(task, 'failed') ?? `ended with exit code ${task.Status.ContainerStatus?.ExitCode ?? 0}`,
    }))
    .reverse();
}

const isJob = (service: Service): boolean =>
  service.Spec.Mode.ReplicatedJob !== undefined || service.Spec.Mode.GlobalJob !== undefined;

const isWanted = (task: Task): boolean => ['ready', 'running', 'complete', 'completed'].includes(task.DesiredState);
const hasRun = (task: Task): boolean => (task.Status.ContainerStatus?.ContainerID ?? '') !== '';
const hasNotStarted = (task: Task): boolean => stateOf(task) === 'pending' || stateOf(task) === 'starting';
/** No longer wanted, and its container is there. */
const isLeftOver = (task: Task): boolean => task.Status.State === 'running' || task.Status.State === 'starting';

function stateOf(task: Task): Instance['state'] {
  const wanted = isWanted(task);
  switch (task.Status.State) {
    case 'preparing':
    case 'ready':
    case 'starting':
      return wanted ? 'starting' : 'stopping';
    case 'running':
      return wanted ? 'running' : 'stopping';
    case 'complete':
    case 'shutdown':
    case 'remove':
      return 'completed';
    case 'failed':
    case 'rejected':
    case 'orphaned':
      return 'failed';
    default:
      return 'pending';
  }
}

/** With a check a task becomes RUNNING only when it is healthy, and fails when it is not: measured. */
function healthOf(task: Task, context: TaskContext): Instance['health'] {
  if (!context.isChecked(task)) return 'unchecked';
  if (task.Status.State === 'running') return 'healthy';
  return /unhealthy/.test(task.Status.Err ?? '') ? 'unhealthy' : 'starting';
}

/** The engine's own words; those of a task that is as it should be say nothing. */
function messageOf(task: Task, state: Instance['state']): string | null {
  const { Err, Message } = task.Status;
  if (Err !== undefined && Err !== '') return Err;
  return state === 'failed' && Message !== undefined && task.Status.State !== 'complete' ? Message : null;
}

function publishedOf(task: Task, context: TaskContext): readonly string[] {
  if (task.Status.State !== 'running') return [];
  const address = addressOf(context.nodes.get(task.NodeID ?? ''));
  const mesh = (context.service.Endpoint?.Ports ?? []).filter((port) => port.PublishMode !== 'host');
  const ports = [...(task.Status.PortStatus?.Ports ?? []), ...mesh].map((port) => port.PublishedPort ?? 0);
  return [...new Set(ports)].filter((port) => port > 0).map((port) => `${address}:${port}`);
}

/** A manager may know itself as 0.0.0.0: its address as a manager says more. */
export function addressOf(node: Node | undefined): string {
  const address = node?.Status.Addr;
  if (address !== undefined && address !== '' && address !== '0.0.0.0') return address;
  return node?.ManagerStatus?.Addr?.replace(/:\d+$/, '') ?? '127.0.0.1';
}

const nodeName = (task: Task, { nodes }: TaskContext): string | null => {
  if (task.NodeID === undefined || task.NodeID === '') return null;
  return nodes.get(task.NodeID)?.Description.Hostname ?? task.NodeID;
};

const slotOf = (task: Task, context: TaskContext): string =>
  task.Slot ? String(task.Slot) : (nodeName(task, context) ?? task.ID);

const newestFirst = (tasks: readonly Task[]): readonly Task[] =>
  [...tasks].sort((a, b) => (stamp(a) < stamp(b) ? 1 : -1));

/** Docker leaves out trailing zeros of nanoseconds, so the texts do not sort as they are. */
function stamp(task: Task): string {
  const [seconds = '', fraction = ''] = task.CreatedAt.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}

/** For tests and comparisons: instances in an order that does not change. */
export const bySlot = (a: Instance, b: Instance): number =>
  canonical([a.service, a.slot.padStart(8, '0'), a.since]) < canonical([b.service, b.slot.padStart(8, '0'), b.since])
    ? -1
    : 1;
