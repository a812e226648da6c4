import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { Secret } from '#domain/secret.ts';
import { listRegistries, removeRegistry, saveRegistry } from '#store/registries.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';

const registryView = z.object({ host: z.string(), username: z.string() }).meta({ id: 'Registry' });
const login = z.object({ username: z.string().min(1).max(255), password: z.string().min(1).max(20_000) });
const params = z.object({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/, "is no registry's host, like registry.example.com:5000")
    .describe('`registry.example.com:5000`; `docker.io` for Docker Hub'),
});
const tags = ['registries'];

/** Credentials of container registries: they reach builds and nodes, and are never shown. */
export function registryRoutes(app: App, { store }: ApiParts): void {
  app.get(
    '/v1/registries',
    {
      schema: {
        operationId: 'listRegistries',
        summary: 'List registries whose credentials are kept',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(registryView) },
      },
    },
    async ({ query }) => {
      const { rows, next } = namedPage(
        query,
        await store.read((db) => listRegistries(db, store.key)),
        (row) => row.host,
      );
      return { items: rows.map(({ host, username }) => ({ host, username })), next };
    },
  );
  app.put(
    '/v1/registries/:host',
    {
      schema: {
        operationId: 'loginRegistry',
        summary: 'Keep the credentials of a registry',
        tags,
        params,
        body: login,
        response: { 200: registryView },
      },
    },
    async ({ params: { host }, body: { username, password } }) => {
      await store.transaction((tx) => saveRegistry(tx, store.key, { host, username, password: new Secret(password) }));
      return { host, username };
    },
  );
  app.delete(
    '/v1/registries/:host',
    {
      schema: {
        operationId: 'logoutRegistry',
        summary: 'Forget the credentials of a registry',
        tags,
        params,
        response: { 204: z.null().describe('Forgotten') },
      },
    },
    async ({ params: { host } }, reply) => {
      if (await store.transaction((tx) => removeRegistry(tx, host))) return reply.status(204).send(null);
      throw new SlipwayError('not_found', `no credentials are kept for '${host}'`);
    },
  );
}
