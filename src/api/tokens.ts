import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { addToken, listTokens, removeTokens } from '#store/tokens.ts';
import { newToken } from './access.ts';
import { maybeTime, plainName, time, timeField } from './fields.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';

const tokenView = z
  .object({ name: z.string(), createdAt: timeField, lastUsedAt: timeField.nullable() })
  .meta({ id: 'Token' });
const created = z
  .object({ name: z.string(), token: z.string().describe('Shown this once; only its hash is kept') })
  .meta({ id: 'NewToken' });
const tags = ['tokens'];

/** Tokens of this API. */
export function tokenRoutes(app: App, parts: ApiParts): void {
  readTokens(app, parts);
  changeTokens(app, parts);
}

function readTokens(app: App, { store }: ApiParts): void {
  app.get(
    '/v1/tokens',
    {
      schema: {
        operationId: 'listTokens',
        summary: 'List tokens by name; none is shown',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(tokenView) },
      },
    },
    async ({ query }) => {
      const { rows, next } = namedPage(query, await store.read((db) => listTokens(db)), (row) => row.name);
      const items = rows.map(({ name, createdAt, lastUsedAt }) => ({
        name,
        createdAt: time(createdAt),
        lastUsedAt: maybeTime(lastUsedAt),
      }));
      return { items, next };
    },
  );
}

function changeTokens(app: App, { store }: ApiParts): void {
  app.post(
    '/v1/tokens',
    {
      schema: {
        operationId: 'createToken',
        summary: 'Make a token',
        tags,
        body: z.object({ name: plainName }),
        response: { 201: created },
      },
    },
    async ({ body: { name } }, reply) => {
      const token = newToken();
      await store.transaction(async (tx) => {
        if ((await listTokens(tx)).some((old) => old.name === name))
          throw new SlipwayError('conflict', `there is a token '${name}' already`, 'remove it, or choose another name');
        await addToken(tx, token, name);
      });
      return reply.status(201).send({ name, token: token.reveal() });
    },
  );
  app.delete(
    '/v1/tokens/:token',
    {
      schema: {
        operationId: 'removeToken',
        summary: 'Revoke a token by its name',
        tags,
        params: z.object({ token: plainName }),
        response: { 204: z.null().describe('Revoked') },
      },
    },
    async ({ params: { token: name } }, reply) => {
      await store.transaction(async (tx) => {
        const others = (await listTokens(tx)).filter((token) => token.name !== name);
        if ((await removeTokens(tx, name)) === 0) throw new SlipwayError('not_found', `there is no token '${name}'`);
        if (others.length === 0)
          throw new SlipwayError(
            'conflict',
            `'${name}' is the last token: nobody could log in`,
            'make another one first',
          );
      });
      return reply.status(204).send(null);
    },
  );
}
