import { commands, groups } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { globalOptions } from './global-options.ts';
import { aboutOf, optionOf, usageOf } from './help.ts';

/** The page of docs/cli.md: every command with its options, and the exit codes. */
export async function cliPage(): Promise<string> {
  const parts = await Promise.all(
    Object.entries(groups).map(async ([group, title]) => {
      const shown = Object.values(commands).filter((entry) => entry.group === group);
      const texts = await Promise.all(shown.map(async (entry) => commandText(await entry.load())));
      return `## ${title}\n\n${texts.join('\n')}`;
    }),
  );
  return `${head}${exitTable()}\n${everywhere()}\n${parts.join('\n')}`;
}

const head = `# The command line

Made by \`npm run cli-page\` from the commands themselves; the same is said by \`slipway <command> --help\`.

Which server is asked: \`--server\` or \`SLIPWAY_URL\`, else the one of \`slipway login\`, else the one that runs on this machine, found by its
data folder (\`SLIPWAY_DATA\`, by default \`/var/lib/slipway\` for root, else \`~/.slipway\`). Its token: \`SLIPWAY_TOKEN\`, else the one that \`login\` kept, else that of the
data folder. Colours only on a terminal, and not with \`NO_COLOR\`.

With \`--json\` a command prints one object, and those that print things as they come one object a line; notes and errors go to the standard
error, an error as \`{"error": {"code", "message", "hint"}}\`.

`;

const exitTable = (): string =>
  [
    '| exit code | when |\n| --- | --- |\n',
    ...Object.values(exitCodes).map(({ code, about }) => `| ${code} | ${about} |\n`),
  ].join('');

const everywhere = (): string =>
  [
    '| everywhere | |\n| --- | --- |\n',
    ...Object.entries(globalOptions).map(
      ([flag, { short, value, about }]) =>
        `| \`${short === null ? '' : `-${short}, `}--${flag}${value === null ? '' : ` <${value}>`}\` | ${about} |\n`,
    ),
  ].join('');

function commandText(command: Parameters<typeof usageOf>[0]): string {
  const byPlace = new Set(command.positionals.map(({ key }) => key));
  const rows = command.fields
    .filter((field) => field.about !== '')
    .map((field) => [byPlace.has(field.key) ? `<${field.key}>` : optionOf(field).trim(), aboutOf(field)]);
  const table = rows.map(([left = '', right = '']) =>
    `| \`${left}\` | ${right} |\n`.replaceAll(/(?<=\w)\|(?=\w)/g, '\\|'),
  );
  return [
    `### slipway ${command.path.join(' ')}\n\n\`slipway ${usageOf(command)}\`\n\n${command.about}.\n`,
    command.details === '' ? '' : `\n${command.details.replaceAll('<', '&lt;')}\n`,
    rows.length === 0 ? '' : `\n| option | |\n| --- | --- |\n${table.join('')}`,
  ].join('');
}
