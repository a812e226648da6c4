import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { problemOf, problemSchema } from './problem.ts';

/** How long a stream says nothing at most: proxies and clients take silence for death. */
const keepAliveMs = 15_000;

/** A response of lines of JSON. Empty lines keep the connection alive; a line `{"error": …}` ends a stream that broke. */
export const ndjson = (line: z.ZodType, description: string) => ({
  description: `${description} One JSON object a line; empty lines keep the connection alive; {"error": problem} ends a broken stream.`,
  content: { 'application/x-ndjson': { schema: line } },
});
export const streamError = z.object({ error: problemSchema }).meta({ id: 'StreamError' });

/** As much of a reply as a stream takes over. */
interface Answer {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

/** A signal that ends when the client goes away or the answer is complete. */
export function untilClosed(reply: Answer): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort(new Error('the client went away')));
  return closed.signal;
}

/** Sends items as lines of JSON, as they come. */
export const sendLines = (reply: Answer, items: AsyncIterable<unknown>): void =>
  send(reply, 'application/x-ndjson; charset=utf-8', linesOf(items));

/** Items as lines of JSON, with empty ones in every long silence, and `{"error": …}` where they break. */
export const linesOf = (items: AsyncIterable<unknown>): AsyncIterable<string> => keptAlive(asLines(items), '\n');

async function* asLines(items: AsyncIterable<unknown>): AsyncIterable<string> {
  try {
    for await (const item of items) yield `${JSON.stringify(item)}\n`;
  } catch (thrown) {
    // the status is sent long ago: what broke goes as the last line
    yield `${JSON.stringify({ error: problemOf(thrown) })}\n`;
  }
}

/** Sends text as server-sent events; the parts are whole messages. */
export const sendEvents = (reply: Answer, messages: AsyncIterable<string>): void =>
  send(reply, 'text/event-stream; charset=utf-8', keptAlive(messages, ': keep-alive\n\n'));

function send(reply: Answer, type: string, parts: AsyncIterable<string>): void {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  // a client that went away is the usual end: nobody is left to be told
  pipeline(Readable.from(parts, { objectMode: false }), reply.raw).catch(() => undefined);
}

/** The source's parts, and `filler` at the beginning (it sends the headers) and in every long silence. */
export async function* keptAlive(
  source: AsyncIterable<string>,
  filler: string,
  everyMs = keepAliveMs,
): AsyncIterable<string> {
  yield filler;
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const timer = silence(everyMs);
      const item = await Promise.race([next, timer.passed]);
      timer.stop();
      if (item === null) yield filler;
      else if (item.done === true) return;
      else {
        yield item.value;
        next = iterator.next();
      }
    }
  } finally {
    // what waits for the next item was told to stop by the closed connection: nobody waits for it here
    iterator.return?.()?.catch(() => undefined);
    next.catch(() => undefined);
  }
}

function silence(ms: number): { readonly passed: Promise<null>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return { passed, stop: () => clearTimeout(timer) };
}
