import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { messageOf, SlipwayError } from '#domain/errors.ts';

/** Which Docker Engine builds: a client, or the path of a socket. */
export type EngineAddress = { readonly docker: Docker } | { readonly socketPath: string };

/** A client of the engine; nothing is asked of it yet. */
export function connectEngine(address: EngineAddress): Docker {
  return 'docker' in address ? address.docker : new Docker({ socketPath: address.socketPath });
}

/** HTTP status of an engine's refusal; `undefined` when it did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** What the engine itself said, without dockerode's prefix. */
export function engineMessage(error: unknown): string {
  return messageOf(error).replace(/^\(HTTP code \d+\) [^-]*- /, '');
}

/** Words a failure to reach the engine; everything else stays what it is. */
export function engineError(error: unknown): unknown {
  if (error instanceof SlipwayError || statusOf(error) !== undefined) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (
    !/^(?:ECONN|ENOENT|EACCES|EPIPE|ETIMEDOUT|EHOST|ENOTFOUND|ENET|EAI_)/.test(code) &&
    !/socket hang up/.test(messageOf(error))
  )
    return error;
  return new SlipwayError(
    'engine.unreachable',
    `the Docker Engine does not answer: ${messageOf(error)}`,
    'is dockerd running, and may Slipway use its socket?',
    error,
  );
}

/** One call of the Engine API that dockerode has no function for, or none that can be cancelled. */
export interface EngineCall {
  /** With a `?` at its end where `query` is given. */
  readonly path: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** A list is a parameter given several times. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: NodeJS.ReadableStream;
  readonly auth?: object;
  readonly registryConfig?: object;
}

/** @returns the body as a stream. @throws what the engine refused with (`statusOf`), `engine.unreachable` */
export function callEngine(docker: Docker, call: EngineCall, signal: AbortSignal): Promise<Readable> {
  const options = {
    path: call.path,
    method: call.method,
    options: call.query,
    file: call.body,
    authconfig: call.auth,
    registryconfig: call.registryConfig,
    abortSignal: signal,
    isStream: true,
    statusCodes: { 200: true, 201: true },
  };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    docker.modem.dial(options, (error: unknown, stream: unknown) => {
      if (stream instanceof Readable && !error) resolve(stream);
      else reject(signal.aborted ? signal.reason : engineError(error));
    });
  });
}

/** JSON messages, one a line, as the engine's streams have them. What is no JSON is passed as text. */
export async function eachMessage(stream: Readable, message: (said: unknown) => void): Promise<void> {
  let waiting = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (waiting + decoder.decode(chunk, { stream: true })).split('\n');
    waiting = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') message(parsed(line));
  }
  if (waiting.trim() !== '') message(parsed(waiting));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { stream: `${line}\n` };
  }
}
