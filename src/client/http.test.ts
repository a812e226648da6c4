import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { slipwayClient } from './client.ts';
import { fetchByHttp } from './http.ts';

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

test('method, headers and body arrive, and so do those of the answer', async () => {
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(201, { 'x-said': 'one', 'set-cookie': ['a=1', 'b=2'] });
    response.end(`${request.method} ${request.url} ${request.headers['x-mine']} ${body}`);
  });
  const answer = await fetchByHttp(
    new Request(`${url}/v1/x?y=z`, { method: 'POST', body: '{"ä":1}', headers: { 'x-mine': 'me' } }),
  );
  expect(await answer.text()).toBe('POST /v1/x?y=z me {"ä":1}');
  expect([answer.status, answer.headers.get('x-said'), answer.headers.getSetCookie()]).toEqual([
    201,
    'one',
    ['a=1', 'b=2'],
  ]);
});

test.each([204, 304])('an answer of %i has no body', async (status) => {
  const url = await serve((_, response) => void response.writeHead(status).end());
  const answer = await fetchByHttp(new Request(url));
  expect([answer.status, answer.body]).toEqual([status, null]);
});

test('a body is read as it comes, and ends with the reason of a signal', async () => {
  const url = await serve((_, response) => void response.writeHead(200).write('first'));
  const over = new AbortController();
  const answer = await fetchByHttp(new Request(url, { signal: over.signal }));
  const pieces: string[] = [];
  const reading = (async () => {
    for await (const piece of answer.body ?? []) {
      pieces.push(Buffer.from(piece).toString());
      over.abort(new Error('enough'));
    }
  })();
  await expect(reading).rejects.toThrow('enough');
  expect(pieces).toEqual(['first']);
});

test('a request that is given up before its answer throws the reason', async () => {
  const url = await serve(() => undefined);
  const late = fetchByHttp(new Request(url, { signal: AbortSignal.timeout(50) }));
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
  const answer = await fetchByHttp(new Request(url));
  for await (const _ of answer.body ?? []) break;
  await gone;
});

test('nobody at the address is told, with what the system says', async () => {
  const api = slipwayClient({ url: 'http://127.0.0.1:9', token: 'x' });
  await expect(api.GET('/v1/status')).rejects.toMatchObject({
    code: 'server.unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
