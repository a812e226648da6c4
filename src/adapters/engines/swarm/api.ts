import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { z } from 'zod';
import { linkedTo, within } from '../../within.ts';
import { EngineAnswer, wordFailure } from './failures.ts';
import { callMs, streamMs, writeMs } from './timeouts.ts';

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * The Docker Engine's API, each call with a time-out, each answer checked against what we read of it.
 * @throws SlipwayError `engine.unreachable`, or `EngineAnswer` (`engine.refused` with the HTTP status).
 */
export interface EngineApi {
  /** The API version spoken, e.g. 1.41. */
  version(signal: AbortSignal): Promise<ApiVersion>;
  call<T>(schema: z.ZodType<T>, call: Call, signal: AbortSignal): Promise<T>;
  /** The same; `null` where the engine answers 404. */
  find<T>(schema: z.ZodType<T>, call: Call, signal: AbortSignal): Promise<T | null>;
  /** An answer that goes on; ends with the signal. */
  stream(call: Call, signal: AbortSignal): Promise<IncomingMessage>;
  /** A connection that carries input and output at once. */
  hijack(call: Call, signal: AbortSignal): Promise<Duplex>;
}

export interface ApiVersion {
  readonly minor: number;
}

/** The newest API that this adapter was written for; an engine's own newest is used where that is older. */
const known = 47;
const versionAnswer = z.object({ ApiVersion: z.string() });

type Dial = (options: object, callback: (error: unknown, data: unknown) => void) => void;

/** The Engine API with time-outs, shapes that are checked, and errors in Slipway’s words. */
export function engineApi(docker: Docker): EngineApi {
  const send = sender(docker);
  let version: ApiVersion | undefined;

  async function request(call: Call, signal: AbortSignal, ms: number): Promise<unknown> {
    const { minor } = await api.version(signal);
    return guarded(call, signal, ms, (inner) => read(send, `/v1.${minor}${call.path}`, call, inner));
  }

  const api: EngineApi = {
    async version(signal) {
      if (version) return version;
      const call = { path: '/version' };
      const answer = await guarded(call, signal, callMs, (inner) => read(send, '/version', call, inner));
      const minor = Number(versionAnswer.parse(answer).ApiVersion.split('.')[1]);
      version = { minor: Math.min(minor, known) };
      return version;
    },
    async call(schema, call, signal) {
      const ms = call.timeoutMs ?? (call.method === undefined || call.method === 'GET' ? callMs : writeMs);
      return schema.parse(await request(call, signal, ms));
    },
    async find(schema, call, signal) {
      try {
        return await api.call(schema, call, signal);
      } catch (error) {
        if (error instanceof EngineAnswer && error.status === 404) return null;
        throw error;
      }
    },
    async stream(call, signal) {
      const answer = (await open(call, { isStream: true }, signal)) as IncomingMessage;
      return answer;
    },
    async hijack(call, signal) {
      return (await open(call, { isStream: true, hijack: true, openStdin: true }, signal)) as Duplex;
    },
  };

  /** The time-out is for the first answer only; the caller's signal for as long as the stream lives. */
  async function open(call: Call, more: object, signal: AbortSignal): Promise<unknown> {
    const life = linkedTo(signal);
    try {
      const { minor } = await api.version(signal);
      const answer = await guarded(call, signal, streamMs, (inner) => {
        inner.addEventListener('abort', () => life.controller.abort(inner.reason), { once: true });
        return send(`/v1.${minor}${call.path}`, call, more, life.controller.signal);
      });
      (answer as Duplex).once('close', life.release);
      return answer;
    } catch (error) {
      life.release();
      throw error;
    }
  }
  return api;
}

type Send = (path: string, call: Call, more: object, signal: AbortSignal) => Promise<unknown>;

/** Sends a call by docker-modem; `more`: its options for streams. */
function sender(docker: Docker): Send {
  // its types know neither `abortSignal` nor `hijack`
  const dial = docker.modem.dial.bind(docker.modem) as unknown as Dial;
  return (path, call, more, signal) =>
    new Promise((resolve, reject) => {
      const { query, body } = call;
      const options = {
        // docker-modem cuts the last character of a path with `?` and nothing to put behind it
        path: query ? `${path}?` : path,
        method: call.method ?? 'GET',
        statusCodes: { 101: true, 200: true, 201: true, 202: true, 204: true, 304: true },
        // an empty `_body` without this is no body at all: starting a container refuses one
        allowEmpty: body !== undefined,
        headers: call.headers ? { ...call.headers } : {},
        abortSignal: signal,
        options: { _query: query ?? {}, _body: body ?? {} },
        ...more,
      };
      dial(options, (error, data) => (error ? reject(error) : resolve(data)));
    });
}

/** Reads the answer itself: docker-modem calls nobody back when the connection ends in the middle of one. */
async function read(send: Send, path: string, call: Call, signal: AbortSignal): Promise<unknown> {
  const answer = (await send(path, call, { isStream: true }, signal)) as IncomingMessage;
  return parsed(await text(answer));
}

async function guarded<T>(
  call: Call,
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const what = `${call.method ?? 'GET'} ${call.path}`;
  const late = (): unknown => wordFailure({ code: 'ETIMEDOUT', message: `no answer within ${ms / 1000} s` }, what);
  try {
    return await within(signal, { ms, late }, work);
  } catch (error) {
    signal.throwIfAborted();
    throw wordFailure(error, what);
  }
}

/** JSON, or what else it is: pulling answers with one JSON a line. Nothing at all is `null`. */
function parsed(answer: string): unknown {
  if (answer === '') return null;
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}

/** For answers that nobody reads. */
export const anything = z.unknown();
