import { z } from 'zod';
import { errorTable, SlipwayError } from '#domain/errors.ts';

const problem = z.object({
  code: z.string().transform((code) => (isKnown(code) ? code : 'internal')),
  detail: z.string(),
  hint: z.string().nullish(),
});
type Code = keyof typeof errorTable;
const isKnown = (code: string): code is Code => Object.hasOwn(errorTable, code);

/** The error that problem details (RFC 9457) of a server tell of; what is none, a proxy's page for one, is told as it is. */
export function errorOf(body: unknown, status: number): SlipwayError {
  const read = problem.safeParse(body);
  if (read.success) return new SlipwayError(read.data.code, read.data.detail, read.data.hint ?? undefined);
  return new SlipwayError(
    'internal',
    `the server answered ${status}, and no Slipway server answers so`,
    'is this the address of a Slipway server?',
  );
}

/** What a request that got no answer throws; an abort is thrown on as it is. */
export function noAnswer(thrown: unknown, url: string): unknown {
  if (thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')) return thrown;
  const cause = thrown instanceof Error ? causeOf(thrown) : '';
  return new SlipwayError(
    'server.unreachable',
    `no Slipway server answers at ${url}${cause === '' ? '' : `: ${cause}`}`,
    'start one with `slipway up`, or name another by `slipway login` or SLIPWAY_URL',
    thrown,
  );
}

/** Where a name has several addresses, the error of all of them has no words of its own. */
const causeOf = (error: Error): string =>
  error instanceof AggregateError ? error.errors.map((one: Error) => one.message).join('; ') : error.message;
