import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { ExecInput, ExecOutput, ExecRequest, TerminalSize } from '../contract.ts';
import type { EngineApi } from './api.ts';
import type { Swarm } from './context.ts';
import { EngineAnswer } from './failures.ts';
import { frameReader } from './frames.ts';
import { label } from './names.ts';
import { stackTasks } from './services.ts';
import { created, info as infoShape, labelsOf, type Task } from './shapes.ts';

const [mostLooks, betweenLooksMs] = [40, 50];
const ended = z.looseObject({ ExitCode: z.number().nullish(), Running: z.boolean().optional() });

/**
 * Runs a command in an instance, given by id or one of the service's that runs. Docker has no call that ends it: who goes away closes its
 * input and its terminal.
 * @throws SlipwayError `engine.no_instance`; `engine.refused` for one on another node, which this engine's socket does not reach.
 */
export async function execIn(
  swarm: Swarm,
  stack: StackName,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<ExecOutput>> {
  const { api } = swarm;
  const task = await runningTask(api, stack, request, signal);
  await requireLocal(api, task, signal);
  const container = task.Status.ContainerStatus?.ContainerID ?? '';
  const terminal = request.terminal === undefined ? {} : { Tty: true, Env: ['TERM=xterm-256color'] };
  const running = await startExec(api, container, { Cmd: request.command, ...terminal }, signal);
  endWith(running.socket, signal);
  return conversation(api, running, request, signal);
}

/** A command that was started: a connection with its input and its output. */
interface Running {
  readonly socket: Duplex;
  readonly id: string;
}

/** Starts a command in a container; without a terminal its output comes in frames. */
export async function startExec(
  api: EngineApi,
  container: string,
  command: { readonly Cmd: readonly string[]; readonly Tty?: boolean; readonly Env?: readonly string[] },
  signal: AbortSignal,
): Promise<Running> {
  const body = { ...command, AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const call = { method: 'POST', path: `/containers/${container}/exec`, body } as const;
  const id = (await api.call(created, call, signal)).Id ?? '';
  const how = { Detach: false, Tty: command.Tty ?? false };
  const start = { method: 'POST', path: `/exec/${id}/start`, body: how } as const;
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

async function* conversation(
  api: EngineApi,
  { socket, id }: Running,
  request: ExecRequest,
  signal: AbortSignal,
): AsyncIterable<ExecOutput> {
  try {
    feed(api, { socket, id }, request, signal).catch((thrown: unknown) => socket.destroy(asError(thrown)));
    const read = request.terminal === undefined ? framesIn() : asOneStream;
    for await (const chunk of socket) yield* read(chunk);
    yield { exitCode: await exitCode(api, id, signal) };
  } finally {
    socket.destroy();
  }
}

/** From now on, also while nobody reads yet. */
function endWith(socket: Duplex, signal: AbortSignal): void {
  const abort = (): unknown => socket.destroy(asError(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  // who reads is told
  socket.on('error', () => undefined).once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
}

/** Of a command whose output has ended: the engine may learn a moment later that it has, too. */
async function exitCode(api: EngineApi, id: string, signal: AbortSignal): Promise<number> {
  for (let looks = 1; ; looks += 1) {
    const { ExitCode, Running } = await api.call(ended, { path: `/exec/${id}/json` }, signal);
    if (Running !== true || looks === mostLooks) return ExitCode ?? -1;
    await sleep(betweenLooksMs, undefined, { signal });
  }
}

/** Gives the command its terminal's size and what it reads, no faster than it does. */
async function feed(api: EngineApi, running: Running, request: ExecRequest, signal: AbortSignal): Promise<void> {
  const { socket } = running;
  if (request.terminal !== undefined) await resize(api, running, request.terminal, signal);
  for await (const said of request.input) {
    if (socket.destroyed) return;
    if (!(said instanceof Uint8Array)) await resize(api, running, said, signal);
    else if (!socket.write(said)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  socket.end();
}

/**
 * Gives a command's terminal its size. The engine says at first that there is no such command: it answers to a start before it has
 * begun. One that has ended needs no size.
 */
async function resize(
  api: EngineApi,
  { socket, id }: Running,
  { rows, columns }: TerminalSize,
  signal: AbortSignal,
): Promise<void> {
  const call = { method: 'POST', path: `/exec/${id}/resize`, query: { h: rows, w: columns } } as const;
  for (let looks = 1; looks <= mostLooks && !socket.destroyed; looks += 1) {
    try {
      await api.call(z.unknown(), call, signal);
      return;
    } catch (error) {
      if (!(error instanceof EngineAnswer)) throw error;
      await sleep(betweenLooksMs, undefined, { signal });
    }
  }
}

const asOneStream = (bytes: Buffer): readonly ExecOutput[] => [{ stream: 'stdout', bytes }];

/** What stands in the chunks of a framed stream: a frame may be cut anywhere. */
function framesIn(): (chunk: Buffer) => readonly ExecOutput[] {
  let whole: ExecOutput[] = [];
  const read = frameReader(({ kind, payload }) => {
    if (kind === 'stdout' || kind === 'stderr') whole.push({ stream: kind, bytes: payload });
  });
  return (chunk) => {
    whole = [];
    read(chunk);
    return whole;
  };
}

/** Whatever a signal was aborted with, as an error. */
export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new SlipwayError('engine.unreachable', `cut off: ${String(reason)}`);
