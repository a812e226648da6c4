import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { Schema, SlipwayClient } from './client.ts';
import type { operations } from './openapi.gen.ts';
import { errorOf } from './problem.ts';

type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

/** The output of a stack's instances. Ends when there is no more, or, followed, with the signal. */
export async function* stackLogs(
  api: SlipwayClient,
  stack: string,
  query: Query<'getStackLogs'>,
  signal: AbortSignal,
): AsyncIterable<Schema<'LogLine'>> {
  const params = { path: { stack }, query };
  const { data } = await api.GET('/v1/stacks/{stack}/logs', { params, parseAs: 'stream', signal });
  yield* linesOf<Schema<'LogLine'>>(data);
}

/** The output of a deployment's build. Followed, it ends with the build. */
export async function* deploymentLog(
  api: SlipwayClient,
  id: number,
  query: Query<'getDeploymentLog'>,
  signal: AbortSignal,
): AsyncIterable<Schema<'BuildLogLine'>> {
  const params = { path: { id }, query };
  const { data } = await api.GET('/v1/deployments/{id}/log', { params, parseAs: 'stream', signal });
  yield* linesOf<Schema<'BuildLogLine'>>(data);
}

/** A line of a conversation with a command: first what to run, then what it reads. */
export type ExecLine = operations['execInStack']['requestBody']['content']['application/x-ndjson'];

/**
 * Runs a command beside an instance: what it writes as it comes, and last its exit code. The end of `lines` ends its input.
 * @throws SlipwayError `server.unreachable` where the answer ends before the command
 */
export async function* execInStack(
  api: SlipwayClient,
  stack: string,
  lines: AsyncIterable<ExecLine>,
  signal: AbortSignal,
): AsyncIterable<Schema<'ExecOutput'>> {
  const answer = await api.converse('/v1/stacks/{stack}/exec', { stack }, untilEnd(lines), signal);
  let hasEnded = false;
  for await (const output of linesOf<Schema<'ExecOutput'>>(answer)) {
    hasEnded = 'exitCode' in output;
    yield output;
  }
  if (!hasEnded) throw new SlipwayError('server.unreachable', 'the server went away before the command had ended');
}

/** A WebSocket has no end of one side: it is said. */
async function* untilEnd(lines: AsyncIterable<ExecLine>): AsyncIterable<ExecLine> {
  yield* lines;
  yield { end: true };
}

/**
 * Events, live, until the signal. `after`: the sequence number to begin after, 0 for all; without it only what comes. Once
 * begun it outlives a connection that breaks and a server that starts again: it goes on after the last event that it gave.
 */
export async function* events(
  api: SlipwayClient,
  query: Omit<Query<'listEvents'>, 'limit' | 'before'>,
  signal: AbortSignal,
): AsyncIterable<Schema<'CloudEvent'>> {
  let last: string | undefined;
  for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      for await (const event of eventsOnce(api, query, last, signal)) {
        last = event.sequence;
        pause = firstPauseMs;
        yield event;
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const mayPass = !(thrown instanceof SlipwayError) || thrown.code === 'server.unreachable';
      if (last === undefined || !mayPass) throw thrown;
    }
    await rest(pause, signal);
  }
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;

async function* eventsOnce(
  api: SlipwayClient,
  query: Query<'listEvents'>,
  last: string | undefined,
  signal: AbortSignal,
): AsyncIterable<Schema<'CloudEvent'>> {
  const header = { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) };
  const { data } = await api.GET('/v1/events', { params: { query, header }, parseAs: 'stream', signal });
  for await (const message of eventData(textLines(data))) yield JSON.parse(message) as Schema<'CloudEvent'>;
}

/** The `data` of server-sent events. */
export async function* eventData(lines: AsyncIterable<string>): AsyncIterable<string> {
  let data: string[] = [];
  for await (const line of lines) {
    if (line === '' && data.length > 0) {
      yield data.join('\n');
      data = [];
    } else if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
  }
}

const broken = z.strictObject({ error: z.unknown() });

/** The objects of lines of JSON. @throws SlipwayError what a line `{"error": …}` tells of */
async function* linesOf<Item>(body: AsyncIterable<Uint8Array>): AsyncIterable<Item> {
  for await (const line of textLines(body)) {
    if (line === '') continue;
    const item: unknown = JSON.parse(line);
    const failure = broken.safeParse(item);
    if (failure.success) throw errorOf(failure.data.error, 200);
    yield item as Item;
  }
}

/** The lines of a body as they come. A character or a line may be cut anywhere between two pieces. */
export async function* textLines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const piece of body) {
    const lines = (open + decoder.decode(piece, { stream: true })).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (open !== '') yield open;
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
