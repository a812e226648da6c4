import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';

/** The engine answered, with an error: its own words, and the HTTP status to decide by. */
export class EngineAnswer extends SlipwayError {
  readonly status: number;

  constructor(status: number, message: string, hint?: string) {
    super('engine.refused', message, hint);
    this.status = status;
  }
}

const failure = z.looseObject({
  code: z.string().optional(),
  statusCode: z.number().optional(),
  message: z.string().optional(),
});

/** What the engine says while it has no leader, or while a manager does not reach the others: it may pass. */
const passing = /does not have a leader|rpc error: code = (Unavailable|DeadlineExceeded)|context deadline exceeded/i;

/**
 * Words whatever a call to the engine threw. `what`: the call, for the message. The request's body, which may hold
 * secrets, is in no message, and the thrown error is not kept as a cause: docker-modem hangs the answer on it.
 */
export function wordFailure(thrown: unknown, what: string): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown;
  const { statusCode, code, message } = failure.safeParse(asPlain(thrown)).data ?? {};
  if (statusCode === undefined) return unreachable(code, message ?? 'it failed', what);
  const said = message?.replace(/^\(HTTP code \d+\) \S+ - /, '') ?? `HTTP ${statusCode}`;
  const text = said.replace(/\s+/g, ' ').trim();
  if (passing.test(text)) return new SlipwayError('engine.unreachable', `the swarm cannot answer now: ${text}`);
  if (statusCode === 503 && /not a swarm manager/i.test(text))
    return new EngineAnswer(
      503,
      'this Docker Engine is no swarm manager',
      'run `slipway cluster add`, which offers it',
    );
  return new EngineAnswer(statusCode, `the Docker Engine refused ${what}: ${text}`);
}

const asPlain = (thrown: unknown): unknown =>
  thrown instanceof Error ? { message: thrown.message, ...Object.fromEntries(Object.entries(thrown)) } : thrown;

const hints: Readonly<Record<string, string>> = {
  ENOENT: 'is Docker installed and running on this machine? `systemctl start docker`',
  ECONNREFUSED: 'the socket is there, but nobody listens: `systemctl start docker`',
  EACCES: 'this user may not use the socket: add it to the group `docker`, or run Slipway as root',
};

function unreachable(code: string | undefined, message: string, what: string): SlipwayError {
  return new SlipwayError(
    'engine.unreachable',
    `the Docker Engine does not answer (${what}: ${message === 'aborted' ? 'it hung up in the middle of its answer' : message})`,
    code === undefined ? undefined : hints[code],
  );
}
