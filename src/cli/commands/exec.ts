import { z } from 'zod';
import { type ExecLine, execInStack } from '#client/streams.ts';
import { SlipwayError } from '#domain/errors.ts';
import { stream } from '../command.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../input.ts';
import { execOutput } from '../schemas.ts';

const args = z.object({
  stack: z.string().describe('The stack'),
  service: z.string().describe('The service'),
  command: z.array(z.string()).min(1).describe('The command and its arguments, after --'),
  instance: z.string().optional().describe('Beside this instance, by its id'),
  stdin: z.boolean().default(false).describe('Give the standard input to the command').meta({ short: 'i' }),
  terminal: z
    .boolean()
    .default(false)
    .describe('Give it this terminal, keys and all (a swarm’s instances only)')
    .meta({ short: 't' }),
});

/** `slipway exec`: a command beside a running instance; its exit code is ours. */
export const exec = stream({
  name: 'exec <stack> <service> <command...>',
  about: 'Run a command beside an instance of a service: slipway exec shop-production web -- ls -l',
  details:
    'Ends with the exit code of the command. What it writes is given as it comes, byte by byte: `slipway exec shop db -- pg_dump -Fc shop > shop.dump` keeps a dump, `slipway exec -t shop web -- bash` opens a shell.',
  args,
  result: execOutput,
  run: async function* (asked, context) {
    const terminal = asked.terminal ? terminalOf(context) : null;
    try {
      yield* execInStack(context.api, asked.stack, linesOf(asked, terminal, context), context.signal);
    } catch (thrown) {
      if (!context.signal.aborted) throw thrown;
    } finally {
      terminal?.giveBack();
    }
  },
  show: async (outputs, screen) => {
    for await (const output of outputs) {
      if ('exitCode' in output) continue;
      const bytes = Buffer.from(output.base64, 'base64');
      if (output.stream === 'stdout') screen.write(bytes);
      else screen.writeError(bytes);
    }
  },
  exit: (last) => (last !== undefined && 'exitCode' in last ? last.exitCode : exitCodes.failed.code),
});

async function* linesOf(
  { service, command, instance, stdin }: z.output<typeof args>,
  terminal: Terminal | null,
  { input }: Context,
): AsyncIterable<ExecLine> {
  yield {
    service,
    command,
    ...(instance === undefined ? {} : { instance }),
    ...(terminal === null ? {} : { terminal: terminal.size }),
  };
  if (terminal === null && !stdin) return;
  for await (const said of terminal?.input ?? input.bytes())
    yield said instanceof Uint8Array ? { base64: Buffer.from(said).toString('base64') } : { terminal: said };
}

function terminalOf({ input }: Context): Terminal {
  const terminal = input.takeTerminal();
  if (terminal !== null) return terminal;
  throw new SlipwayError('cli.usage', 'the standard input is no terminal', 'leave out -t; -i gives what is piped in');
}
