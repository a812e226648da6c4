import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { type HttpRequest, sendByHttp, textOf } from './http.ts';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  closing.push(() => server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asked = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  body: undefined,
  signal: undefined,
  ...more,
});

test('method, headers and body arrive, and so does the answer', async () => {
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(201).end(`${request.method} ${request.url} ${request.headers['x-mine']} ${body}`);
  });
  const answer = await sendByHttp(
    asked(`${url}/v1/x?y=z`, { method: 'POST', body: '{"ä":1}', headers: { 'x-mine': 'me' } }),
  );
  expect(answer.status).toBe(201);
  expect(await textOf(answer)).toBe('POST /v1/x?y=z me {"ä":1}');
});

test('a body is read as it comes, and ends with the reason of a signal', async () => {
  const url = await serve((_, response) => void response.writeHead(200).write('first'));
  const over = new AbortController();
  const { body } = await sendByHttp(asked(url, { signal: over.signal }));
  const pieces: string[] = [];
  const reading = (async () => {
    for await (const piece of body) {
      pieces.push(Buffer.from(piece).toString());
      over.abort(new Error('enough'));
    }
  })();
  await expect(reading).rejects.toThrow('enough');
  expect(pieces).toEqual(['first']);
});

test('a request that is given up before its answer throws the reason', async () => {
  const url = await serve(() => undefined);
  const late = sendByHttp(asked(url, { signal: AbortSignal.timeout(50) }));
  await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a reader that has seen enough hangs up', async () => {
  let hungUp: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  const url = await serve((request, response) => {
    response.writeHead(200).write('line\n');
    request.on('close', hungUp);
  });
  const { body } = await sendByHttp(asked(url));
  for await (const _ of body) break;
  await gone;
});
