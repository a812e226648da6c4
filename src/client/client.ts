import {
  type Client,
  type ClientPathsWithMethod,
  createFinalURL,
  createQuerySerializer,
  defaultPathSerializer,
  type MaybeOptionalInit,
  type MethodResponse,
} from 'openapi-fetch';
import { SlipwayError } from '#domain/errors.ts';
import { jsonIn } from '#domain/json.ts';
import { type HttpAnswer, sendByHttp, textOf } from './http.ts';
import type { components, paths } from './openapi.gen.ts';
import { errorOf, noAnswer } from './problem.ts';

type Method = 'get' | 'post' | 'put' | 'delete';
type Api = Client<paths>;

/** A call of one method, typed by the API's own schemas. With `parseAs: 'stream'` it answers with the body as it comes. */
type Call<M extends Method> = <
  Path extends ClientPathsWithMethod<Api, M>,
  Init extends MaybeOptionalInit<paths[Path], M>,
>(
  path: Path,
  ...init: undefined extends Init ? [Init?] : [Init]
) => Promise<{
  readonly data: Init extends { readonly parseAs: 'stream' } ? Body : MethodResponse<Api, M, Path, Init>;
}>;

/** A client of the HTTP API: `GET('/v1/stacks/{stack}', { params: { path: { stack } } })`. */
export interface SlipwayClient {
  readonly GET: Call<'get'>;
  readonly POST: Call<'post'>;
  readonly PUT: Call<'put'>;
  readonly DELETE: Call<'delete'>;
  /** A conversation in lines of JSON: `names` stand in the path, `lines` are sent as they come, and what comes is given. */
  converse(
    path: ClientPathsWithMethod<Api, 'post'>,
    names: Readonly<Record<string, string>>,
    lines: AsyncIterable<unknown>,
    signal: AbortSignal,
  ): Promise<Body>;
}

type Body = AsyncIterable<Uint8Array>;

/** A shape of the API by its name: `Schema<'Deployment'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** What a call is made of, as openapi-fetch has it; its types hold callers to each path's own. */
interface Said {
  readonly params?: {
    readonly path?: Record<string, unknown>;
    readonly query?: Record<string, unknown>;
    readonly header?: Readonly<Record<string, unknown>>;
  };
  readonly body?: unknown;
  readonly parseAs?: 'json' | 'stream';
  readonly signal?: AbortSignal | null;
}

/**
 * A client of a server. Its calls throw SlipwayError for problem details, with the server's own code and hint, and
 * `server.unreachable` where nobody answers.
 */
export function slipwayClient(server: { readonly url: string; readonly token: string }): SlipwayClient {
  const baseUrl = server.url.replace(/\/+$/, '');
  const send = async (method: Method, path: string, said: Said): Promise<HttpAnswer> => {
    const { params = {}, body, signal } = said;
    const { path: names = {}, query = {}, header = {} } = params;
    try {
      return await sendByHttp({
        method: method.toUpperCase(),
        url: createFinalURL(path, { baseUrl, params: { path: names, query }, querySerializer, pathSerializer }),
        headers: headersOf(server.token, header, body !== undefined),
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: signal ?? undefined,
      });
    } catch (thrown) {
      throw noAnswer(thrown, baseUrl);
    }
  };
  const textIn = (answer: HttpAnswer): Promise<string> =>
    textOf(answer).catch((thrown: unknown) => {
      throw noAnswer(thrown, baseUrl);
    });
  const call =
    (method: Method) =>
    async (path: string, said: Said = {}): Promise<{ readonly data: unknown }> => {
      const answer = await send(method, path, said);
      const isGood = answer.status < 300;
      if (isGood && said.parseAs === 'stream') return { data: answer.body };
      const text = await textIn(answer);
      if (isGood && text === '') return { data: undefined };
      const data = jsonIn(text);
      if (isGood && data !== undefined) return { data };
      throw errorOf(data, answer.status);
    };
  const converse: SlipwayClient['converse'] = async (path, names, lines, signal) => {
    const url = createFinalURL(path, { baseUrl, params: { path: names, query: {} }, querySerializer, pathSerializer });
    const { speak } = await import('./conversation.ts');
    return speak(url, server.token, lines, signal).catch((thrown: unknown) => {
      throw thrown instanceof SlipwayError ? thrown : noAnswer(thrown, baseUrl);
    });
  };
  return { GET: call('get'), POST: call('post'), PUT: call('put'), DELETE: call('delete'), converse } as SlipwayClient;
}

const querySerializer = createQuerySerializer<unknown>();
const pathSerializer = defaultPathSerializer;

function headersOf(
  token: string,
  header: Readonly<Record<string, unknown>>,
  hasBody: boolean,
): Readonly<Record<string, string>> {
  const own = Object.entries(header).filter(([, value]) => value !== undefined && value !== null);
  return {
    authorization: `Bearer ${token}`,
    ...(hasBody ? { 'content-type': 'application/json' } : {}),
    ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
  };
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
