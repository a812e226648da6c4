import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';

/** `slipway exec`: a command beside a running instance; its exit code is ours. */
export const exec = command({
  name: 'exec <stack> <service> <command...>',
  about: 'Run a command beside an instance of a service: slipway exec shop-production web -- ls -l',
  details: 'Ends with the exit code of the command.',
  args: z.object({
    stack: z.string().describe('The stack'),
    service: z.string().describe('The service'),
    command: z.array(z.string()).min(1).describe('The command and its arguments, after --'),
    instance: z.string().optional().describe('Beside this instance, by its id'),
    stdin: z.boolean().default(false).describe('Give the standard input to the command').meta({ short: 'i' }),
  }),
  result: z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string() }),
  run: async ({ stack, service, command: argv, instance, stdin }, { api, input }) => {
    const said = stdin ? { stdinBase64: (await input.readBytes()).toString('base64') } : {};
    const body = { service, command: argv, ...(instance === undefined ? {} : { instance }), ...said };
    return answer(api.POST('/v1/stacks/{stack}/exec', { params: { path: { stack } }, body }));
  },
  show: ({ stdout, stderr }, screen) => {
    screen.writeError(stderr);
    return stdout;
  },
  exit: ({ exitCode }) => exitCode,
});
