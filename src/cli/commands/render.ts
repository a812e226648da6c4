import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { answer } from '#client/client.ts';
import { command } from '../command.ts';

const needs = z.object({
  secrets: z.array(z.string()),
  configs: z.array(z.string()),
  variables: z.array(z.string()),
});

/** `slipway render`: nobody is locked in. */
export const render = command({
  name: 'render <stack>',
  about: 'Print the stable release of a stack as a stack.yml for `docker stack deploy`',
  details: 'No secret is in it: what must be on the swarm, and in the shell, before is said.',
  args: z.object({
    stack: z.string().describe('The stack'),
    output: z
      .string()
      .optional()
      .describe('Write stack.yml and the files it names into this folder')
      .meta({ short: 'o' }),
  }),
  result: z.object({
    text: z.string().describe('stack.yml'),
    files: z.array(z.object({ path: z.string(), base64: z.string() })).describe('Beside it'),
    needs,
  }),
  run: async ({ stack, output }, context) => {
    const rendered = await answer(context.api.GET('/v1/stacks/{stack}/render', { params: { path: { stack } } }));
    if (output !== undefined) write(resolve(context.cwd, output), rendered);
    for (const line of needsLines(rendered.needs)) context.note(line);
    return rendered;
  },
  show: ({ text, files }, _, { output }) =>
    output === undefined
      ? text
      : `stack.yml and ${files.length} more files are in ${output}: docker stack deploy -c stack.yml`,
});

interface Rendered {
  readonly text: string;
  readonly files: readonly { readonly path: string; readonly base64: string }[];
}

function write(folder: string, { text, files }: Rendered): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'stack.yml'), text);
  for (const { path, base64 } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(base64, 'base64'));
  }
}

function needsLines({ secrets, configs, variables }: z.output<typeof needs>): readonly string[] {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['secrets that must be on the swarm', secrets],
    ['configs that must be on the swarm', configs],
    ['variables that must be in the shell', variables],
  ];
  return lines.filter(([, names]) => names.length > 0).map(([what, names]) => `note: ${what}: ${names.join(', ')}`);
}
