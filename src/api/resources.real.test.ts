import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answer, every } from '#client/client.ts';
import { type ApiServer, startApiServer } from '../../test/support/api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
});
afterAll(() => server.dispose());

const get = async (path: string): Promise<string> => {
  const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
  return response.text();
};
const project = { params: { path: { project: 'shop' } } };
const variable = (name: string, environment = 'prod') => ({ params: { path: { project: 'shop', environment, name } } });
const variables = '/v1/projects/{project}/environments/{environment}/variables/{name}';

test('a project is made once, and found by its name', async () => {
  const { api } = server;
  await answer(api.POST('/v1/projects', { body: { name: 'shop' } }));
  await expect(api.POST('/v1/projects', { body: { name: 'shop' } })).rejects.toMatchObject({ code: 'conflict' });
  await expect(api.POST('/v1/projects', { body: { name: 'No Good' } })).rejects.toMatchObject({
    code: 'input.invalid',
  });
  const found = await answer(api.GET('/v1/projects/{project}', project));
  expect(found).toMatchObject({ name: 'shop', sourceUrl: null, gitUrl: `${server.url}/git/shop.git`, refs: [] });
  expect(Date.parse(found.createdAt)).toBeGreaterThan(Date.now() - 60_000);
});

test('a source URL that holds a password is not kept', async () => {
  const body = { name: 'other', sourceUrl: 'https://user:hunter2@example.com/x.git' };
  await expect(server.api.POST('/v1/projects', { body })).rejects.toMatchObject({ code: 'input.invalid' });
  expect(await get('/v1/projects')).not.toContain('other');
});

test('a list is read page by page, each item once', async () => {
  const { api } = server;
  for (const name of ['aa', 'bb', 'cc']) await answer(api.POST('/v1/projects', { body: { name } }));
  const page = (before: string | undefined) =>
    answer(api.GET('/v1/projects', { params: { query: { limit: 2, ...(before === undefined ? {} : { before }) } } }));
  const names: string[] = [];
  for await (const { name } of every(page)) names.push(name);
  expect(names).toEqual(['aa', 'bb', 'cc', 'shop']);
});

test('a plain variable is shown; a secret, which it is where nothing is said, never again', async () => {
  const { api } = server;
  await answer(api.PUT(variables, { ...variable('MODE'), body: { value: 'fast', secret: false } }));
  const secret = await answer(api.PUT(variables, { ...variable('KEY'), body: { value: 'hunter2-canary' } }));
  expect(secret).toMatchObject({ name: 'KEY', secret: true, value: null });
  expect(await answer(api.GET(variables, variable('MODE')))).toMatchObject({ value: 'fast' });
  await api.DELETE(variables, variable('MODE'));
  await expect(api.GET(variables, variable('MODE'))).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    api.PUT(variables, { params: { path: { project: 'nobody', environment: '*', name: 'A' } }, body: { value: 'x' } }),
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('a registry keeps its password to itself', async () => {
  const { api } = server;
  const path = { params: { path: { host: 'registry.example.com:5000' } } };
  await answer(api.PUT('/v1/registries/{host}', { ...path, body: { username: 'me', password: 'registry-canary' } }));
  expect((await answer(api.GET('/v1/registries'))).items).toEqual([
    { host: 'registry.example.com:5000', username: 'me' },
  ]);
  await api.DELETE('/v1/registries/{host}', path);
  await expect(api.DELETE('/v1/registries/{host}', path)).rejects.toMatchObject({ code: 'not_found' });
  await answer(api.PUT('/v1/registries/{host}', { ...path, body: { username: 'me', password: 'registry-canary' } }));
});

test('a channel is tried on request, and says why where it does not work', async () => {
  const { api } = server;
  const { receiver, got, url } = await startReceiver();
  const path = { params: { path: { channel: 'ops' } } };
  try {
    await answer(api.PUT('/v1/channels/{channel}', { ...path, body: { url: `${url}/channel-canary` } }));
    await answer(api.POST('/v1/channels/{channel}/test', path));
    expect(got).toHaveLength(1);
    expect(got[0]).toContain("channel 'ops' works");
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
  await expect(api.POST('/v1/channels/{channel}/test', path)).rejects.toMatchObject({ code: 'channel.unreachable' });
});

test('a token works until it is removed, and the last one stays', async () => {
  const { api, url } = server;
  const { token } = await answer(api.POST('/v1/tokens', { body: { name: 'ci' } }));
  const asks = () => fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await asks()).json()).toMatchObject({ user: 'ci' });
  await api.DELETE('/v1/tokens/{token}', { params: { path: { token: 'ci' } } });
  expect((await asks()).status).toBe(401);
  const last = api.DELETE('/v1/tokens/{token}', { params: { path: { token: 'first' } } });
  await expect(last).rejects.toMatchObject({ code: 'conflict' });
});

test('the local cluster is there, reachable, and stays', async () => {
  const { api } = server;
  const { items } = await answer(api.GET('/v1/clusters'));
  expect(items).toMatchObject([
    { name: 'local', engine: 'local', reachable: true, why: null, nodes: [{ role: 'single' }] },
  ]);
  const gone = api.DELETE('/v1/clusters/{cluster}', { params: { path: { cluster: 'local' } } });
  await expect(gone).rejects.toMatchObject({ code: 'conflict' });
});

test('a Docker Engine that does not answer is not registered', async () => {
  const body = { name: 'eu', engine: 'swarm', settings: { socketPath: '/nowhere/docker.sock' } } as const;
  await expect(server.api.POST('/v1/clusters', { body })).rejects.toMatchObject({ code: 'engine.unreachable' });
  const cluster = server.api.GET('/v1/clusters/{cluster}', { params: { path: { cluster: 'eu' } } });
  await expect(cluster).rejects.toMatchObject({ code: 'not_found' });
});

test.skipIf(!existsSync('/var/run/docker.sock'))(
  'a swarm is registered by one of its managers, and forgotten',
  async () => {
    const { api } = server;
    const { state } = await answer(api.GET('/v1/swarm-state'));
    const add = () => answer(api.POST('/v1/clusters', { body: { name: 'eu', engine: 'swarm' } }));
    if (state !== 'manager') return expect(add()).rejects.toMatchObject({ code: 'conflict' });
    expect(await add()).toMatchObject({ name: 'eu', reachable: true, nodes: [{ role: 'manager' }] });
    await expect(add()).rejects.toMatchObject({ code: 'conflict' });
    const path = { params: { path: { cluster: 'eu' } } };
    await api.DELETE('/v1/clusters/{cluster}', path);
    await expect(api.GET('/v1/clusters/{cluster}', path)).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('what is asked for in a wrong way is told field by field', async () => {
  const response = await fetch(`${server.url}/v1/deployments?limit=0`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toMatch('application/problem+json');
  expect(await response.json()).toMatchObject({ code: 'input.invalid', errors: [{ path: '/limit' }] });
  expect(JSON.parse(await get('/v1/events?types=no.such'))).toMatchObject({ code: 'input.invalid' });
  expect(JSON.parse(await get('/v1/deployments/999999'))).toMatchObject({ code: 'not_found' });
});

test('no secret is in any answer', async () => {
  const paths = [
    '/v1/status',
    '/v1/projects',
    '/v1/projects/shop',
    '/v1/projects/shop/environments/prod/variables',
    '/v1/projects/shop/environments/prod/variables/KEY',
    '/v1/registries',
    '/v1/channels',
    '/v1/tokens',
    '/v1/clusters',
    '/v1/events',
    '/v1/deployments',
    '/v1/builds',
    '/v1/stacks',
  ];
  for (const path of paths) {
    const text = await get(path);
    expect(text, path).not.toMatch(/canary/);
    expect(text, path).not.toContain(server.token);
    expect(JSON.parse(text), path).not.toHaveProperty('code');
  }
});

async function startReceiver(): Promise<{ receiver: Server; got: string[]; url: string }> {
  const got: string[] = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      got.push(text);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  return { receiver, got, url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` };
}
