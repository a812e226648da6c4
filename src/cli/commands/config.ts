import { dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { formatDiagnostic } from '#domain/compose/diagnostics.ts';
import { loadCompose } from '#domain/compose/load.ts';
import type { ComposeProject } from '#domain/compose/model.ts';
import { printProject } from '#domain/compose/print.ts';
import { overridesLeftOut } from '#domain/project/compose-files.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { diskFiles } from '../disk.ts';
import { composeFilesOf, existsIn, openFolder, variablesOf } from '../folder.ts';

/** As docker compose prints it: the Compose Specification says what else is in it. */
const model = z.looseObject({ name: z.string(), services: z.record(z.string(), z.looseObject({})) });
const asData = (text: string): z.output<typeof model> => model.parse(JSON.parse(text));

const args = z.object({
  files: z.array(z.string()).default([]).describe('Compose files, the later merged over the earlier'),
  file: z.array(z.string()).default([]).describe('The same, as docker compose takes them').meta({ short: 'f' }),
  format: z
    .enum(['json', 'yaml'])
    .default('yaml')
    .describe('How to print it, every `$` doubled so that it can be loaded again'),
  projectName: z.string().optional().describe('The name of the project').meta({ short: 'p' }),
  profile: z.array(z.string()).default([]).describe('A profile whose services are on'),
  strict: z.boolean().default(false).describe('Refuse what docker compose refuses: no leniencies'),
});

/** `slipway config`: needs no server, and reads the disk and the shell's variables as docker compose does. */
export const config = command({
  name: 'config [files...]',
  about: 'Print the Compose model: loaded, merged, interpolated',
  details:
    'Without files: those of slipway.yaml, or the Compose file of this folder. --json prints the model as data, in the\n' +
    'shape of `docker compose config --format json`; --format prints it as a Compose file.',
  args,
  result: model,
  run: (said, context) => asData(printProject(load(said, context))),
  show: (model, _, { format }) => {
    const text = printProject(model, { doubleDollars: true });
    return format === 'json' ? text : stringify(asData(text), { lineWidth: 0 });
  },
});

function load(said: z.output<typeof args>, context: Context): ComposeProject {
  const { files, directory, name } = filesFor(said, context);
  const { project, warnings } = loadCompose({
    files,
    projectDirectory: directory,
    environment: variablesOf(context.env),
    projectName: said.projectName ?? name,
    profiles: said.profile,
    read: diskFiles,
    strict: said.strict,
  });
  for (const warning of warnings) context.note(`warning: ${formatDiagnostic(warning)}`);
  return project;
}

function filesFor(said: z.output<typeof args>, { cwd, note }: Context) {
  const named = [...said.file, ...said.files].map((file) => resolve(cwd, file));
  const [first] = named;
  if (first !== undefined) return { files: named, directory: dirname(first), name: undefined };
  const folder = openFolder(cwd);
  const files = composeFilesOf(folder);
  for (const { message } of overridesLeftOut(files, existsIn(folder.root))) note(`note: ${message}`);
  return {
    files: files.map((path) => join(folder.root, path)),
    directory: folder.root,
    name: folder.isWritten ? folder.config.project : undefined,
  };
}
