import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { ExecInput, ExecOutput, ExecRequest } from '#adapters/engines/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import { jsonIn } from '#domain/json.ts';
import { parseStackName } from '#domain/stack-name.ts';
import type { ApiParts, App } from './parts.ts';
import { getStack, stackParams } from './stacks.ts';
import { ndjson, sendLines, streamError, untilClosed } from './streams.ts';

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
]);
const execOutput = z
  .union([
    z.object({ stream: z.enum(['stdout', 'stderr']), base64: z.base64() }),
    z.object({ exitCode: z.number().describe('Last, and once') }),
  ])
  .meta({ id: 'ExecOutput' });
const mediaType = 'application/x-ndjson';

/** Commands beside a stack's instances. */
export function stackExecRoutes(app: App, parts: ApiParts): void {
  // a conversation: the body is read while the answer is written
  app.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload));
  app.post(
    '/v1/stacks/:stack/exec',
    {
      schema: {
        operationId: 'execInStack',
        summary: 'Run a command beside an instance, both ways as it comes: whoever may run it sees what it sees',
        tags: ['stacks'],
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
      const request = await conversationIn(body as unknown as Readable);
      const { name, cluster } = await getStack(parts, params.stack);
      const { engine } = await parts.clusters.get(cluster);
      sendLines(reply, linesOf(await engine.exec(parseStackName(name), request, untilClosed(reply))));
      return reply;
    },
  );
}

/** @throws SlipwayError `input.invalid` where the first line is no request */
async function conversationIn(body: Readable): Promise<ExecRequest> {
  const reader = createInterface({ input: body });
  // who goes away in the middle never says that it ends
  body.once('close', () => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  const first = await lines.next();
  const { instance, terminal, ...asked } = checked(execRequest, first.done === true ? '' : first.value);
  return {
    ...asked,
    ...(instance === undefined ? {} : { instance }),
    ...(terminal === undefined ? {} : { terminal }),
    input: inputIn(lines),
  };
}

async function* inputIn(lines: AsyncIterable<string>): AsyncIterable<ExecInput> {
  for await (const line of lines) {
    if (line === '') continue;
    const said = checked(execInput, line);
    yield 'base64' in said ? Buffer.from(said.base64, 'base64') : said.terminal;
  }
}

function checked<S extends z.ZodType>(schema: S, line: string): z.output<S> {
  const result = schema.safeParse(jsonIn(line));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'line'}: ${message}`);
  throw new SlipwayError('input.invalid', problems.join('; '), 'see execInStack in /openapi.json');
}

async function* linesOf(outputs: AsyncIterable<ExecOutput>): AsyncIterable<z.output<typeof execOutput>> {
  for await (const output of outputs)
    yield 'exitCode' in output
      ? output
      : { stream: output.stream, base64: Buffer.from(output.bytes).toString('base64') };
}
