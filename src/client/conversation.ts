import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createWebSocketStream, WebSocket } from 'ws';
import { jsonIn } from '#domain/json.ts';
import { errorOf } from './problem.ts';

/**
 * Speaks with a server in lines of JSON, both ways as they come, over a WebSocket (RFC 6455): proxies that hold back an answer until a
 * request has ended let it pass. @returns what the server says, as bytes
 * @throws SlipwayError what the server refused it with; what `ws` throws where nobody answers
 */
export async function speak(
  url: string,
  token: string,
  lines: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  signal.throwIfAborted();
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { authorization: `Bearer ${token}` } });
  const end = (): void => socket.terminate();
  signal.addEventListener('abort', end, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', end));
  await opened(socket);
  const stream = createWebSocketStream(socket, { decodeStrings: false });
  pipeline(Readable.from(asText(lines)), stream, { end: false }).catch((thrown: Error) => stream.destroy(thrown));
  return stream;
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, answer: IncomingMessage) => {
      text(answer).then((body) => reject(errorOf(jsonIn(body), answer.statusCode ?? 502)), reject);
    });
  });
}

async function* asText(lines: AsyncIterable<unknown>): AsyncIterable<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
