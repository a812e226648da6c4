import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '#domain/errors.ts';
import type { ExecInput, ExecOutput, ExecRequest } from '../contract.ts';
import type { KeptInstance, StackFolder } from './folders.ts';
import { signal as sendSignal } from './processes.ts';

/**
 * Runs a command with the environment and in the folder of an instance that runs. Who stops reading, and the signal, kill it with
 * all that it started.
 * @throws SlipwayError `engine.no_instance`; `engine.refused` where the command cannot be run, or a terminal is asked for
 */
export async function execIn(
  folder: StackFolder,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<ExecOutput>> {
  signal.throwIfAborted();
  if (request.terminal !== undefined) throw noTerminal();
  const { record } = runningOne(folder, request);
  const [file = '', ...rest] = request.command;
  const child = spawn(file, rest, {
    cwd: record.directory,
    env: record.environment,
    stdio: 'pipe',
    detached: true,
    ...(record.launch.user ?? {}),
  });
  // looked at from the beginning: Node lets go what nobody reads of a child that has ended
  const output = merged(child);
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.catch(() => undefined);
  await once(child, 'spawn').catch((error: Error) => {
    throw notStarted(file, record.id, error);
  });
  const told = bytesIn(request.input, (thrown) => output.destroy(thrown));
  // a command that ends before it has read all ends what feeds it
  pipeline(told, child.stdin).catch(() => undefined);
  // also while nobody reads yet
  const abort = (): unknown => kill(child);
  signal.addEventListener('abort', abort, { once: true });
  child.once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
  return conversation(child, output, closed, signal);
}

async function* conversation(
  child: ChildProcessWithoutNullStreams,
  output: AsyncIterable<ExecOutput>,
  closed: Promise<[number | null]>,
  signal: AbortSignal,
): AsyncIterable<ExecOutput> {
  let isOver = false;
  try {
    yield* output;
    const [code] = await closed;
    signal.throwIfAborted();
    isOver = true;
    yield { exitCode: code ?? 137 };
  } finally {
    if (!isOver) kill(child);
  }
}

/** With all that it started. */
const kill = ({ pid }: ChildProcessWithoutNullStreams): unknown => pid !== undefined && sendSignal(-pid, 'SIGKILL');

async function* bytesIn(
  input: AsyncIterable<ExecInput>,
  broken: (thrown: Error) => unknown,
): AsyncIterable<Uint8Array> {
  try {
    for await (const said of input) if (said instanceof Uint8Array) yield said;
  } catch (thrown) {
    broken(thrown instanceof Error ? thrown : new SlipwayError('engine.refused', String(thrown)));
  }
}

/** Both outputs as they come, no faster than they are read. */
function merged({ stdout, stderr }: ChildProcessWithoutNullStreams): PassThrough {
  const both = new PassThrough({ objectMode: true });
  // who reads is told; nobody reads of a command that was not started
  both.on('error', () => undefined);
  const pour = (source: Readable, stream: 'stdout' | 'stderr') =>
    pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<ExecOutput> {
        for await (const bytes of chunks) yield { stream, bytes };
      },
      both,
      { end: false },
    );
  Promise.all([pour(stdout, 'stdout'), pour(stderr, 'stderr')]).then(
    () => both.end(),
    (thrown: Error) => both.destroy(thrown),
  );
  return both;
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

const noTerminal = (): SlipwayError =>
  new SlipwayError('engine.refused', 'the local engine has no terminals to give', 'leave out --terminal (-t)');
