import createClient, { type Client } from 'openapi-fetch';
import { SlipwayError } from '#domain/errors.ts';
import { fetchByHttp } from './http.ts';
import type { components, paths } from './openapi.gen.ts';
import { errorOf, noAnswer } from './problem.ts';

/** A client of the HTTP API: `GET('/v1/stacks/{stack}', { params: { path: { stack } } })`, typed by the API's own schemas. */
export type SlipwayClient = Client<paths>;

/** A shape of the API by its name: `Schema<'Deployment'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/**
 * A client of a server. Its calls throw SlipwayError for problem details, with the server's own code and hint, and
 * `server.unreachable` where nobody answers.
 */
export function slipwayClient(server: { readonly url: string; readonly token: string }): SlipwayClient {
  const baseUrl = server.url.replace(/\/+$/, '');
  const client = createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${server.token}` },
    fetch: async (request) => {
      try {
        return await fetchByHttp(request);
      } catch (thrown) {
        throw noAnswer(thrown, baseUrl);
      }
    },
  });
  client.use({
    onResponse: async ({ response }) => {
      if (response.ok) return undefined;
      throw errorOf(await response.json().catch(() => undefined), response.status);
    },
  });
  return client;
}

/** What a call answers: `await answer(api.GET('/v1/status'))`. For calls that answer with nothing (204), await the call itself. */
export async function answer<Result extends { readonly data?: unknown }>(
  call: Promise<Result>,
): Promise<NonNullable<Result['data']>> {
  const { data } = await call;
  if (data !== undefined && data !== null) return data;
  throw new SlipwayError('internal', 'the server answered with nothing');
}

/** Every item of a list, page after page. `page` asks for the one that follows `before`. */
export async function* every<Item>(
  page: (before: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: string | null }>,
): AsyncIterable<Item> {
  let before: string | undefined;
  for (;;) {
    const { items, next } = await page(before);
    yield* items;
    if (next === null) return;
    before = next;
  }
}
