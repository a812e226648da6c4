import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { slipwayClient } from './client.ts';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  closing.push(() => server.close().closeAllConnections());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return slipwayClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: 'secret' });
}

test('a call is written as its path, query, headers and body, with the token', async () => {
  let seen: readonly unknown[] = [];
  const api = await serve(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { authorization, 'content-type': type, 'idempotency-key': key } = request.headers;
    seen = [request.method, request.url, authorization, type, key, body];
    response.end('{"id":7}');
  });
  const params = { path: { project: 'a b/c' }, header: { 'idempotency-key': 'k' } };
  const body = { environment: 'ä', commit: 'c', pull: false };
  const { data } = await api.POST('/v1/projects/{project}/deployments', { params, body });
  expect(data).toEqual({ id: 7 });
  const path = '/v1/projects/a%20b%2Fc/deployments';
  expect(seen).toEqual(['POST', path, 'Bearer secret', 'application/json', 'k', JSON.stringify(body)]);
  await api.GET('/v1/events', { params: { query: { limit: 1, types: 'a,b' } } });
  expect(seen).toEqual(['GET', '/v1/events?limit=1&types=a%2Cb', 'Bearer secret', undefined, undefined, '']);
});

test('an answer without a body is no data, and an error throws what it tells of', async () => {
  const none = await serve((_, response) => void response.writeHead(204).end());
  expect((await none.DELETE('/v1/channels/{channel}', { params: { path: { channel: 'x' } } })).data).toBeUndefined();
  const problem = { code: 'not_found', detail: 'there is no stack x', hint: 'see `slipway ps`' };
  const refusing = await serve((_, response) => void response.writeHead(404).end(JSON.stringify(problem)));
  await expect(refusing.GET('/v1/status')).rejects.toMatchObject({ code: 'not_found', message: problem.detail });
  const proxy = await serve((_, response) => void response.writeHead(301, { location: '/x' }).end('<html>'));
  await expect(proxy.GET('/v1/status')).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('answered 301'),
  });
  const page = await serve((_, response) => void response.end('<html>'));
  await expect(page.GET('/v1/status')).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('answered 200, and no Slip'),
  });
  const breaking = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('{');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(breaking.GET('/v1/status')).rejects.toMatchObject({ code: 'server.unreachable' });
});

test('nobody at the address is told, with what the system says', async () => {
  const api = slipwayClient({ url: 'http://127.0.0.1:9', token: 'x' });
  await expect(api.GET('/v1/status')).rejects.toMatchObject({
    code: 'server.unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
