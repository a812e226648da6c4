import { relative } from 'node:path';
import { z } from 'zod';
import { ComposeError, type Diagnostic } from '#domain/compose/diagnostics.ts';
import { SlipwayError } from '#domain/errors.ts';
import { ProjectFileError } from '#domain/project/parse.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { draftsOf, finding, findingLines } from '../drafts.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Folder, openFolder } from '../folder.ts';
import { count, type Screen } from '../output.ts';

const place = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  path: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});
const result = z.object({
  valid: z.boolean(),
  problems: z.array(place.partial().extend({ message: z.string() })),
  environments: z.array(
    z.object({ environment: z.string(), stack: z.string(), services: z.array(z.string()), findings: z.array(finding) }),
  ),
});
type Result = z.output<typeof result>;

/** `slipway validate`: what the server would say of these files, without one. */
export const validate = command({
  name: 'validate',
  about: 'Check slipway.yaml and the Compose file, without a server',
  details:
    'Variables are those of the shell; on the server they are those set by `slipway env`. Files outside the checkout are\n' +
    'refused, as the server refuses them.',
  args: z.object({
    environment: z.string().optional().describe('Only this environment').meta({ short: 'e' }),
  }),
  result,
  run: ({ environment }, context) => validated(context, environment),
  show: shown,
  exit: ({ valid }) => (valid ? exitCodes.ok.code : exitCodes.data.code),
});

function validated(context: Context, environment: string | undefined): Result {
  const problems: Result['problems'] = [];
  const environments: Result['environments'] = [];
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError) || thrown.code === 'cli.usage') throw thrown;
      problems.push(...problemsOf(thrown, context.cwd));
      return undefined;
    }
  };
  const folder = attempt(() => openFolder(context.cwd));
  for (const { name } of folder === undefined ? [] : chosen(folder, environment)) {
    const draft = folder && attempt(() => draftsOf(folder, name, context.env, 'image'));
    if (draft === undefined) continue;
    const { spec, findings } = draft;
    environments.push({
      environment: name,
      stack: spec.name,
      services: spec.services.map((service) => service.name),
      findings: [...findings],
    });
    problems.push(
      ...findings
        .filter(({ level }) => level === 'refused')
        .map(({ service, field, message }) => ({
          path: service === null ? field : `services.${service}.${field}`,
          message,
        })),
    );
  }
  const different = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
  return { valid: different.length === 0, problems: different, environments };
}

function chosen({ config }: Folder, name: string | undefined) {
  const found = config.environments.filter((environment) => name === undefined || environment.name === name);
  if (found.length > 0) return found;
  const known = config.environments.map((environment) => environment.name).join(', ');
  throw new SlipwayError('cli.usage', `there is no environment '${name ?? ''}' in slipway.yaml`, `there are: ${known}`);
}

function problemsOf(thrown: SlipwayError, cwd: string): Result['problems'] {
  if (thrown instanceof ComposeError || thrown instanceof ProjectFileError)
    return thrown.diagnostics.map((diagnostic) => ({ ...diagnostic, file: near(diagnostic, cwd) }));
  return [{ message: thrown.message, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) }];
}

/** A path as short as it can be read from here. */
function near({ file }: Diagnostic, cwd: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('../../') ? file : path;
}

function shown({ valid, problems, environments }: Result, { paint }: Screen): string {
  const told = problems.map(({ file, line, column, path, message, hint }) => {
    const where = file === undefined ? '' : `${paint.strong(`${file}:${line}:${column}`)}: `;
    return `${where}${path ? `${path}: ` : ''}${message}${hint === undefined ? '' : paint.faint(` (${hint})`)}\n`;
  });
  const lines = environments.map(
    ({ environment, stack, services, findings }) =>
      `${paint.strong(environment)}: stack '${stack}', ${count(services.length, 'service')}\n${findingLines(
        findings.filter((one) => one.level !== 'refused'),
        paint,
      )}`,
  );
  const verdict = valid ? paint.good('valid') : paint.bad(`${count(problems.length, 'problem')}`);
  return [...told, ...lines, `${verdict}\n`].join('');
}
