import { nearest } from '#domain/compose/diagnostics.ts';
import { SlipwayError } from '#domain/errors.ts';
import type { Command } from './command.ts';
import { commands, type Entry, groups } from './commands.ts';
import type { Field } from './fields.ts';
import { globalOptions } from './global-options.ts';

/** What `slipway --help` prints. */
export function overview(version: string): string {
  const shown = Object.entries(groups).map(([group, title]) => {
    const lines = Object.entries(commands).filter(([, entry]) => entry.group === group);
    return lines.length === 0 ? '' : `\n${title}\n${columns(lines.map(([name, entry]) => [name, entry.about]))}`;
  });
  return [
    `Slipway ${version}: from a git push to a healthy stack\n\nUsage: slipway <command> [options]\n`,
    ...shown,
    `\nEvery command: --json for scripts, --help for its options. Exit codes and all commands: docs/cli.md\n`,
  ].join('');
}

/** What `slipway <command> --help` prints. */
export function helpOf(command: Command): string {
  const byPlace = new Set(command.positionals.map((positional) => positional.key));
  const places = command.fields.filter((field) => byPlace.has(field.key) && field.about !== '');
  const options = command.fields.filter((field) => !byPlace.has(field.key));
  return [
    `${command.about}\n\nUsage: slipway ${usageOf(command)}\n`,
    command.details === '' ? '' : `\n${command.details}\n`,
    places.length === 0 ? '' : `\nArguments\n${columns(places.map((field) => [`<${field.key}>`, aboutOf(field)]))}`,
    options.length === 0 ? '' : `\nOptions\n${columns(options.map((field) => [optionOf(field), aboutOf(field)]))}`,
    `\nEverywhere\n${columns(Object.entries(globalOptions).map(([flag, { short, value, about }]) => [`${short === null ? '    ' : `-${short}, `}--${flag}${value === null ? '' : ` <${value}>`}`, about]))}`,
  ].join('');
}

/** `cluster add <name> [options]` */
export function usageOf(command: Command): string {
  const places = command.positionals.map(({ key, required, many }) => {
    const name = many ? `${key}...` : key;
    return required ? `<${name}>` : `[${name}]`;
  });
  const hasOptions = command.fields.length > command.positionals.length;
  return [...command.path, ...places, ...(hasOptions ? ['[options]'] : [])].join(' ');
}

/** `-f, --follow`, `    --tail <number>` */
export function optionOf(field: Field): string {
  const value = { flag: '', text: ' <text>', number: ' <number>', list: ' <text>…' }[field.kind];
  const named = field.values.length > 0 ? ` ${field.values.join('|')}` : value;
  return `${field.short === null ? '    ' : `-${field.short}, `}--${field.flag}${named}`;
}

/** What a field is for, and that it must be said where it must. */
export const aboutOf = (field: Field): string => `${field.about}${field.required ? ' (must be said)' : ''}`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
    .join('\n')
    .concat('\n');
}

/**
 * The command that words begin with, and the words that are left.
 * @throws SlipwayError `cli.usage` naming the nearest
 */
export function findCommand(words: readonly string[]): { readonly entry: Entry; readonly rest: readonly string[] } {
  const names = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  for (const size of [2, 1]) {
    const name = words.slice(0, size).join(' ');
    const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (entry !== undefined && words.length >= size) return { entry, rest: words.slice(size) };
  }
  const [first = '', second] = names;
  const below = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  if (below.length > 0) throw unknownBelow(first, second, below);
  const visible = Object.keys(commands).filter((name) => commands[name]?.group !== 'hidden');
  const close = nearest(first, [...new Set(visible.flatMap((name) => [name, name.split(' ')[0] ?? name]))]);
  throw new SlipwayError(
    'cli.usage',
    first === '' ? 'no command was given' : `there is no command '${first}'`,
    close === undefined ? 'see `slipway --help`' : `did you mean \`slipway ${close}\`?`,
  );
}

function unknownBelow(first: string, second: string | undefined, below: readonly string[]): SlipwayError {
  const known = below.map((name) => name.slice(first.length + 1));
  const close = second === undefined ? undefined : nearest(second, known);
  return new SlipwayError(
    'cli.usage',
    second === undefined ? `\`slipway ${first}\` needs a word more` : `there is no command '${first} ${second}'`,
    close === undefined
      ? `there are: ${below.map((name) => `\`slipway ${name}\``).join(', ')}`
      : `did you mean \`slipway ${first} ${close}\`?`,
  );
}

/** All that people use, loaded: for completion and the docs. */
export function visibleCommands(): Promise<readonly Command[]> {
  const visible = Object.values(commands).filter((entry) => entry.group !== 'hidden');
  return Promise.all(visible.map((entry) => entry.load()));
}
