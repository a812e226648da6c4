import { on } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { WebSocket } from '@fastify/websocket';
import { z } from 'zod';
import type { ExecInput, ExecOutput, ExecRequest } from '#adapters/engines/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import { jsonIn } from '#domain/json.ts';
import { parseStackName } from '#domain/stack-name.ts';
import type { ApiParts, App } from './parts.ts';
import { getStack, stackParams } from './stacks.ts';
import { linesOf, ndjson, sendLines, streamError, untilClosed } from './streams.ts';

const characters = z.int().min(1).max(10_000);
const terminalSize = z.object({ rows: characters, columns: characters });
/** The first line: what to run. */
const execRequest = z.object({
  service: z.string().min(1),
  instance: z.string().optional(),
  command: z.array(z.string()).min(1).max(1_000),
  terminal: terminalSize.optional().describe('Gives the command a terminal; its output is one stream then'),
});
/** Every further line: what the command reads. */
const execInput = z.union([
  z.strictObject({ base64: z.base64().describe('Bytes for its standard input') }),
  z.strictObject({ terminal: terminalSize.describe('The size of its terminal from now on') }),
  z.strictObject({ end: z.literal(true).describe('Its input has ended, as with the end of the body') }),
]);
const execOutput = z
  .union([
    z.object({ stream: z.enum(['stdout', 'stderr']), base64: z.base64() }),
    z.object({ exitCode: z.number().describe('Last, and once') }),
  ])
  .meta({ id: 'ExecOutput' });
const mediaType = 'application/x-ndjson';
const path = '/v1/stacks/:stack/exec';
const tags = ['stacks'];

/** Commands beside a stack's instances: as a conversation over a WebSocket, and for who has said all at once. */
export function stackExecRoutes(app: App, parts: ApiParts): void {
  app.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload));
  app.post(
    path,
    {
      schema: {
        operationId: 'execInStack',
        summary: 'Run a command beside an instance: whoever may run it sees what it sees',
        tags,
        params: stackParams,
        consumes: [mediaType],
        body: z
          .union([execRequest, execInput])
          .describe('Lines: first what to run, then what it reads. The end of the body ends its input.'),
        response: { 200: ndjson(z.union([execOutput, streamError]), 'What it writes, and how it ends.') },
      },
      // the schema is of a line, and each is checked when it comes
      validatorCompiler: () => () => true,
      bodyLimit: Number.MAX_SAFE_INTEGER,
    },
    async ({ params, body }, reply) => {
      const lines = linesIn(body as unknown as Readable);
      sendLines(reply, await begin(parts, params.stack, lines, untilClosed(reply)));
      return reply;
    },
  );
  app.get(
    path,
    {
      // OpenAPI has no words for it: docs/api.md has
      schema: { hide: true, params: stackParams },
      websocket: true,
    },
    (socket, { params }) => void converse(parts, params.stack, socket),
  );
}

function linesIn(body: Readable): AsyncIterator<string> {
  const reader = createInterface({ input: body });
  // who goes away in the middle never says that it ends
  body.once('close', () => reader.close());
  return reader[Symbol.asyncIterator]();
}

/** Begins a command. @throws SlipwayError `input.invalid` where the first line is no request; what the engine throws */
async function begin(parts: ApiParts, stack: string, lines: AsyncIterator<string>, signal: AbortSignal) {
  const first = await lines.next();
  const { instance, terminal, ...asked } = checked(execRequest, first.done === true ? '' : first.value);
  const { name, cluster } = await getStack(parts, stack);
  const { engine } = await parts.clusters.get(cluster);
  const request: ExecRequest = {
    ...asked,
    ...(instance === undefined ? {} : { instance }),
    ...(terminal === undefined ? {} : { terminal }),
    input: inputIn(lines),
  };
  return worded(await engine.exec(parseStackName(name), request, signal));
}

async function converse(parts: ApiParts, stack: string, socket: WebSocket): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new Error('the client went away')));
  socket.on('error', () => gone.abort(new Error('the connection broke')));
  const lines = messagesOf(socket, gone.signal);
  const all = async function* () {
    yield* await begin(parts, stack, lines, gone.signal);
  };
  for await (const line of linesOf(all())) if (!(await isSent(socket, line))) break;
  socket.close();
}

/** Each message is a line; none is missed from now on. What comes faster than it is read waits in the connection. */
function messagesOf(socket: WebSocket, signal: AbortSignal): AsyncIterator<string> {
  const messages = on(socket, 'message', { signal, highWaterMark: 64, lowWaterMark: 1 });
  return (async function* () {
    for await (const [data] of messages) yield String(data);
  })();
}

/** `false`: nobody is there any more. */
const isSent = (socket: WebSocket, text: string): Promise<boolean> =>
  new Promise((resolve) => socket.send(text, (error) => resolve(error === undefined || error === null)));

async function* inputIn(lines: AsyncIterator<string>): AsyncIterable<ExecInput> {
  for (;;) {
    const { done, value } = await lines.next();
    if (done === true) return;
    if (value === '') continue;
    const said = checked(execInput, value);
    if ('end' in said) return;
    yield 'base64' in said ? Buffer.from(said.base64, 'base64') : said.terminal;
  }
}

function checked<S extends z.ZodType>(schema: S, line: string): z.output<S> {
  const result = schema.safeParse(jsonIn(line));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`);
  throw new SlipwayError('input.invalid', problems.join('; '), 'see execInStack in /openapi.json');
}

async function* worded(outputs: AsyncIterable<ExecOutput>): AsyncIterable<z.output<typeof execOutput>> {
  for await (const output of outputs)
    yield 'exitCode' in output
      ? output
      : { stream: output.stream, base64: Buffer.from(output.bytes).toString('base64') };
}
