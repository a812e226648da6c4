import { spawn } from 'node:child_process';
import { connect as connectTo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SlipwayError } from '#domain/errors.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { ExecRequest, ExecResult } from '../contract.ts';
import type { KeptInstance, StackFolder } from './folders.ts';
import { portKey } from './launch.ts';
import { signal as sendSignal } from './processes.ts';

const connectMs = 10_000;

/** Runs a command with the environment and in the folder of an instance that runs. */
export async function execIn(folder: StackFolder, request: ExecRequest, signal: AbortSignal): Promise<ExecResult> {
  signal.throwIfAborted();
  const { record } = runningOne(folder, request);
  const [file = '', ...rest] = request.command;
  const child = spawn(file, rest, {
    cwd: record.directory,
    env: record.environment,
    stdio: 'pipe',
    detached: true,
    ...(record.launch.user ?? {}),
  });
  const kill = () => child.pid !== undefined && sendSignal(-child.pid, 'SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  child.stdin.on('error', () => undefined).end(request.stdin ?? '');
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', (error) => reject(notStarted(file, record.id, error)));
      child.on('close', (code) => resolve(code ?? 137));
    });
    signal.throwIfAborted();
    return { exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function runningOne(folder: StackFolder, request: ExecRequest): KeptInstance {
  const found = folder
    .instances()
    .filter(({ record }) => record.service === request.service)
    .filter(({ record }) => request.instance === undefined || record.id === request.instance)
    .findLast(({ state, isToStop }) => state?.phase === 'running' && !isToStop);
  if (found) return found;
  const what = request.instance === undefined ? '' : ` '${request.instance}'`;
  throw new SlipwayError(
    'engine.no_instance',
    `service '${request.service}' of stack '${folder.stack}' has no instance${what} that runs`,
    'look with `slipway ps`',
  );
}

const notStarted = (file: string, id: string, error: Error): SlipwayError =>
  new SlipwayError('engine.refused', `cannot run '${file}' in ${id}: ${error.message}`, undefined, error);

/** A TCP connection to the port on 127.0.0.1 that stands for an instance's container port. */
export function connectInto(
  folder: StackFolder,
  instance: Instance,
  port: number | null,
  signal: AbortSignal,
): Promise<Duplex> {
  const record = folder.instance(instance.id)?.record;
  const first = record?.launch.ports.find((one) => one.protocol === 'tcp');
  const number = record?.ports[port === null ? (first ? portKey(first) : '') : `${port}/tcp`];
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (number === undefined) {
      const what = record === undefined ? 'is not there' : `has no TCP port ${port ?? ''}`.trim();
      reject(new SlipwayError('engine.no_instance', `instance '${instance.id}' of '${folder.stack}' ${what}`));
      return;
    }
    const socket = connectTo({ host: '127.0.0.1', port: number, signal });
    socket.setTimeout(connectMs, () => socket.destroy(new Error(`no answer within ${connectMs} ms`)));
    socket.once('error', (error) =>
      reject(
        new SlipwayError('engine.unreachable', `cannot connect to ${instance.id}: ${error.message}`, undefined, error),
      ),
    );
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
