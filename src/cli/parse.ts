import { parseArgs } from 'node:util';
import { nearest } from '#domain/compose/diagnostics.ts';
import { SlipwayError } from '#domain/errors.ts';
import type { Command } from './command.ts';
import type { Field } from './fields.ts';
import { globalOptions } from './global-options.ts';

/**
 * What was said to a command, by the keys of its arguments. Numbers are numbers already; what is missing or not one of the
 * values, the command's own schema says.
 * @throws SlipwayError `cli.usage` naming the nearest option
 */
export function parseWords(command: Command, words: readonly string[]): Readonly<Record<string, unknown>> {
  const byPlace = new Set(command.positionals.map((positional) => positional.key));
  const options = command.fields.filter((field) => !byPlace.has(field.key));
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(options.map((field) => [field.flag, parseOption(field)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const raw: Record<string, unknown> = {};
  const places: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') places.push(token.value);
    if (token.kind !== 'option') continue;
    const field = options.find((option) => option.flag === token.name);
    if (field === undefined) throw unknownOption(command, token.rawName, options);
    raw[field.key] = saidValue(field, token.rawName, token.value, raw[field.key]);
  }
  return { ...raw, ...placed(command, places) };
}

const parseOption = (field: Field) => ({
  type: field.kind === 'flag' ? ('boolean' as const) : ('string' as const),
  ...(field.short === null ? {} : { short: field.short }),
});

function saidValue(field: Field, said: string, value: string | undefined, before: unknown): unknown {
  if (field.kind === 'flag') {
    if (value === undefined) return true;
    throw new SlipwayError('cli.usage', `${said} takes no value`, `write ${said} alone`);
  }
  if (value === undefined || value === '') throw new SlipwayError('cli.usage', `${said} needs a value`);
  if (field.values.length > 0 && !field.values.includes(value)) throw badValue(field, said, value);
  if (field.kind === 'list') return [...(Array.isArray(before) ? before : []), value];
  if (field.kind === 'text') return value;
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new SlipwayError('cli.usage', `${said} is '${value}', which is no number`);
}

function badValue(field: Field, said: string, value: string): SlipwayError {
  const close = nearest(value, field.values);
  const known = `one of ${field.values.join(', ')}`;
  return new SlipwayError(
    'cli.usage',
    `${said} is '${value}', but must be ${known}`,
    close && `did you mean '${close}'?`,
  );
}

function unknownOption(command: Command, said: string, options: readonly Field[]): SlipwayError {
  const known = [...options.map((field) => field.flag), ...Object.keys(globalOptions)];
  const close = nearest(said.replace(/^-+/, ''), known);
  return new SlipwayError(
    'cli.usage',
    `'${said}' is no option of \`slipway ${command.path.join(' ')}\``,
    close === undefined ? seeHelp(command) : `did you mean --${close}?`,
  );
}

function placed(command: Command, places: readonly string[]): Readonly<Record<string, unknown>> {
  const { positionals } = command;
  const rest = [...places];
  const raw: Record<string, unknown> = {};
  for (const positional of positionals) {
    const taken = positional.many ? rest.splice(0) : rest.shift();
    const isThere = taken !== undefined && taken.length > 0;
    if (!isThere && positional.required)
      throw new SlipwayError('cli.usage', `<${positional.key}> is missing`, seeHelp(command));
    if (isThere) raw[positional.key] = taken;
  }
  if (rest.length === 0) return raw;
  throw new SlipwayError('cli.usage', `'${rest[0]}' is one word too many`, seeHelp(command));
}

const seeHelp = (command: Command): string => `see \`slipway ${command.path.join(' ')} --help\``;
