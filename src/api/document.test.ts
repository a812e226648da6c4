import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { buildApi } from './server.ts';

const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(5),
  tags: z.array(z.string()).min(1),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })),
});
const documentShape = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), operation)),
});

// no route is called here beyond the question who asks, so none needs its parts
type Parts = Parameters<typeof buildApi>[0];
let app: Awaited<ReturnType<typeof buildApi>>;
let document: z.output<typeof documentShape>;
beforeAll(async () => {
  app = await buildApi({ log: () => undefined } as unknown as Parts);
  await app.ready();
  document = documentShape.parse((await app.inject('/openapi.json')).json());
});
afterAll(() => app.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, of]) => ({ path, method, of })),
  );

test('the document is OpenAPI 3.1 and names every operation once', () => {
  const names = operations().map(({ of }) => of.operationId);
  expect(document.openapi).toBe('3.1.0');
  expect(names.length).toBeGreaterThan(35);
  expect(new Set(names).size).toBe(names.length);
});

test('every operation says what it answers when it succeeds and when it fails', () => {
  for (const { path, method, of } of operations()) {
    const good = Object.entries(of.responses).filter(([status]) => /^2\d\d$/.test(status));
    const where = `${method} ${path}`;
    expect(good, where).toHaveLength(1);
    if (good[0]?.[0] !== '204') expect(Object.keys(good[0]?.[1].content ?? {}), where).not.toHaveLength(0);
    expect(of.responses.default?.content, where).toHaveProperty(['application/problem+json']);
  }
});

test('every shape that is named is used, and there', async () => {
  const text = JSON.stringify(document);
  const { components } = z
    .looseObject({ components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }) })
    .parse(document);
  const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect([...new Set(referred)].sort()).toEqual(Object.keys(components.schemas).sort());
  expect(referred).toContain('Deployment');
});

test('every list is read in pages', () => {
  const lists = operations().filter(({ of }) => of.operationId.startsWith('list'));
  expect(lists.length).toBeGreaterThan(8);
  for (const { path, of } of lists)
    expect(
      of.parameters.map((one) => one.name),
      path,
    ).toEqual(expect.arrayContaining(['limit', 'before']));
});

test('what deploys takes an idempotency key', () => {
  for (const name of ['createDeployment', 'rollbackStack', 'removeStack'])
    expect(operations().find(({ of }) => of.operationId === name)?.of.parameters).toContainEqual(
      expect.objectContaining({ name: 'idempotency-key', in: 'header' }),
    );
});

test('nobody is answered without a token', async () => {
  for (const { path, method } of operations()) {
    const url = path.replace(/\{id\}/g, '1').replace(/\{\w+\}/g, 'x');
    const answer = await app.inject({ url, method: method.toUpperCase() as 'GET' });
    expect(answer.statusCode, `${method} ${path}`).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'auth.required', status: 401 });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
  }
});

test('what is not there is told as a problem too', async () => {
  const answer = await app.inject('/v1/nothing');
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'not_found', status: 404 });
});
