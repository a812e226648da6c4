import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { SlipwayError } from '#domain/errors.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { Swarm } from './context.ts';
import { asError, startExec } from './exec.ts';
import { frameReader } from './frames.ts';
import { label } from './names.ts';
import { ensureProbe, releaseProbe } from './probe.ts';
import { labelsOf, node as nodeShape, type Task, task as taskShape } from './shapes.ts';
import { addressOf } from './tasks.ts';

/** Probes in use by this process: one a stack, removed when nobody has connected for a while. */
export interface Connector {
  connect(stack: StackName, instance: Instance, port: number | null, signal: AbortSignal): Promise<Duplex>;
  close(): Promise<void>;
}

const idleMs = 60_000;

/** Ways to an instance’s own address with nothing published: through the probe container. */
export function connector(swarm: Swarm): Connector {
  const idle = new Map<StackName, NodeJS.Timeout>();
  const queue = new Map<StackName, Promise<unknown>>();

  const release = (stack: StackName): Promise<void> => {
    clearTimeout(idle.get(stack));
    idle.delete(stack);
    return releaseProbe(swarm.api, stack, AbortSignal.timeout(idleMs));
  };
  const touch = (stack: StackName): void => {
    clearTimeout(idle.get(stack));
    // it also ends by itself: a failure here loses nothing
    idle.set(stack, setTimeout(() => void release(stack).catch(() => undefined), idleMs).unref());
  };
  /** One at a time for each stack: two callers must not make two probes. */
  const probe = (stack: StackName, networkId: string, signal: AbortSignal): Promise<string> => {
    const options = { image: swarm.probeImage, auth: swarm.registryAuth(swarm.probeImage) };
    const next = (queue.get(stack) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => ensureProbe(swarm.api, stack, networkId, options, signal));
    queue.set(stack, next);
    return next;
  };

  return {
    async connect(stack, instance, port, signal) {
      const task = await findTask(swarm, stack, instance, signal);
      const target = port ?? Number(labelsOf(task)[label.port]);
      if (!(target > 0)) throw noPort(instance);
      const network = overlayOf(task, stack);
      if (!network) return direct(swarm, task, target, signal);
      const container = await probe(stack, network.id, signal);
      touch(stack);
      const command = { Cmd: ['nc', network.address, String(target)] };
      const { socket } = await startExec(swarm.api, container, command, signal);
      return overExec(socket, `instance '${instance.id}' of service '${instance.service}', port ${target}`, signal);
    },
    async close() {
      await Promise.allSettled([...idle.keys()].map(release));
    },
  };
}

async function findTask(swarm: Swarm, stack: StackName, instance: Instance, signal: AbortSignal): Promise<Task> {
  const task = await swarm.api.find(taskShape, { path: `/tasks/${encodeURIComponent(instance.id)}` }, signal);
  const ours = task && labelsOf(task)[label.stack] === stack;
  if (ours && task.Status.State !== 'failed' && task.DesiredState !== 'remove') return task;
  throw new SlipwayError(
    'engine.no_instance',
    `instance '${instance.id}' of service '${instance.service}' is not there any more`,
    'see `slipway ps` for those that are',
  );
}

/** A network of ours first: those are attachable. */
function overlayOf(task: Task, stack: StackName): { readonly id: string; readonly address: string } | undefined {
  const usable = task.NetworksAttachments.filter((one) => one.Network.Spec?.Name !== 'ingress').flatMap((one) => {
    const address = one.Addresses?.[0]?.split('/')[0];
    const own = one.Network.Spec?.Name?.startsWith(`${stack}_`) ?? false;
    return address === undefined || address === '' ? [] : [{ id: one.Network.ID, address, own }];
  });
  return usable.find((one) => one.own) ?? usable[0];
}

const noPort = (instance: Instance): SlipwayError =>
  new SlipwayError(
    'engine.refused',
    `service '${instance.service}' declares no port to connect to`,
    'declare it under `expose:`, or name the port',
  );

/** An instance on its node's own network is where its node is. */
async function direct(swarm: Swarm, task: Task, port: number, signal: AbortSignal): Promise<Duplex> {
  const node = await swarm.api.find(nodeShape, { path: `/nodes/${task.NodeID}` }, signal);
  const socket = connectTcp({ host: addressOf(node ?? undefined), port, signal });
  await once(socket, 'connect', { signal });
  return socket;
}

/** What `nc` says on its standard error is why there is no connection. */
function overExec(socket: Duplex, what: string, signal: AbortSignal): Duplex {
  let complaint = '';
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      done(error);
    },
  });
  const abort = (): unknown => stream.destroy(asError(signal.reason));
  const read = frameReader(({ kind, payload }) => {
    if (kind === 'stdout' && !stream.push(Buffer.from(payload))) socket.pause();
    else if (kind === 'stderr') complaint += payload.toString('utf8');
  });
  const refused = () =>
    new SlipwayError('engine.unreachable', `${what} cannot be reached: ${complaint.replace(/\s+/g, ' ').trim()}`);
  socket.on('data', read);
  socket.on('end', () => (complaint === '' ? stream.push(null) : stream.destroy(refused())));
  socket.on('error', (error) => stream.destroy(error));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return stream;
}
