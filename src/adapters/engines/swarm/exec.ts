import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { ExecRequest, ExecResult } from '../contract.ts';
import type { EngineApi } from './api.ts';
import type { Swarm } from './context.ts';
import { frameReader } from './frames.ts';
import { label } from './names.ts';
import { stackTasks } from './services.ts';
import { created, info as infoShape, labelsOf, type Task } from './shapes.ts';

/** More output than this is no answer to a question, but a log: the command is cut off. */
const mostOutputBytes = 16 * 1024 * 1024;
const ended = z.looseObject({ ExitCode: z.number().nullish(), Running: z.boolean().optional() });

/**
 * Runs a command in an instance, given by id or the newest running one of the service, with what it reads from its input.
 * @throws SlipwayError `engine.no_instance`; `engine.refused` for one on another node, which this engine's socket does not reach.
 */
export async function execIn(
  swarm: Swarm,
  stack: StackName,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const task = await runningTask(swarm.api, stack, request, signal);
  await requireLocal(swarm.api, task, signal);
  const body = {
    Cmd: request.command,
    AttachStdin: request.stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  };
  const { socket, id } = await startExec(swarm.api, task.Status.ContainerStatus?.ContainerID ?? '', body, signal);
  const output = await collect(socket, request.stdin, signal);
  const { ExitCode } = await swarm.api.call(ended, { path: `/exec/${id}/json` }, signal);
  return { exitCode: ExitCode ?? -1, ...output };
}

/** Starts a command in a container: a connection with its input and its framed output. */
export async function startExec(
  api: EngineApi,
  container: string,
  body: object,
  signal: AbortSignal,
): Promise<{ readonly socket: Duplex; readonly id: string }> {
  const call = { method: 'POST', path: `/containers/${container}/exec`, body } as const;
  const id = (await api.call(created, call, signal)).Id ?? '';
  const start = { method: 'POST', path: `/exec/${id}/start`, body: { Detach: false, Tty: false } } as const;
  return { socket: await api.hijack(start, signal), id };
}

async function runningTask(api: EngineApi, stack: StackName, request: ExecRequest, signal: AbortSignal): Promise<Task> {
  const tasks = (await stackTasks(api, stack, signal)).filter(
    (task) => labelsOf(task)[label.service] === request.service && isRunning(task),
  );
  const found = tasks.find((task) => request.instance === undefined || task.ID === request.instance);
  if (found) return found;
  throw new SlipwayError(
    'engine.no_instance',
    request.instance === undefined
      ? `no instance of service '${request.service}' runs in stack '${stack}'`
      : `instance '${request.instance}' of service '${request.service}' does not run`,
    'see `slipway ps` for those that do',
  );
}

const isRunning = (task: Task): boolean =>
  task.Status.State === 'running' &&
  task.DesiredState === 'running' &&
  Boolean(task.Status.ContainerStatus?.ContainerID);

async function requireLocal(api: EngineApi, task: Task, signal: AbortSignal): Promise<void> {
  const { Swarm: here } = await api.call(infoShape, { path: '/info' }, signal);
  if (here.NodeID === task.NodeID) return;
  throw new SlipwayError(
    'engine.refused',
    `instance '${task.ID}' runs on another node of the swarm ('${task.NodeID}'), where this connection cannot execute commands`,
    'register that node’s engine too, or place the service on this node',
  );
}

async function collect(
  socket: Duplex,
  stdin: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const parts: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let size = 0;
  const read = frameReader(({ kind, payload }) => {
    size += payload.length;
    if (kind === 'stdout' || kind === 'stderr') parts[kind].push(payload);
    if (size > mostOutputBytes)
      socket.destroy(new SlipwayError('engine.refused', `the command printed more than ${mostOutputBytes} bytes`));
  });
  const abort = (): unknown => socket.destroy(asError(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  try {
    socket.on('data', read);
    if (stdin !== undefined) socket.end(stdin);
    if (signal.aborted) abort();
    await once(socket, 'end');
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
  return { stdout: Buffer.concat(parts.stdout).toString('utf8'), stderr: Buffer.concat(parts.stderr).toString('utf8') };
}

/** Whatever a signal was aborted with, as an error. */
export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new SlipwayError('engine.unreachable', `cut off: ${String(reason)}`);
