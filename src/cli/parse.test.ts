import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Command, command } from './command.ts';
import { parseWords } from './parse.ts';

const made: Command = command({
  name: 'send <to> [words...]',
  about: 'Send',
  args: z.object({
    to: z.string(),
    words: z.array(z.string()).default([]),
    follow: z.boolean().default(false).meta({ short: 'f' }),
    tail: z.coerce.number<number>().int().default(10).meta({ short: 'n' }),
    dataFolder: z.string().optional(),
    profile: z.array(z.string()).default([]),
    format: z.enum(['json', 'yaml']).default('yaml'),
  }),
  result: z.object({}),
  run: () => ({}),
  show: () => '',
});
const words = (line: string) => parseWords(made, line === '' ? [] : line.split(' '));
const problem = (line: string) => {
  try {
    words(line);
  } catch (thrown) {
    return thrown;
  }
  throw new TypeError(`'${line}' was taken`);
};

test.each([
  ['arguments go by their place', 'bob hello there', { to: 'bob', words: ['hello', 'there'] }],
  ['a flag may stand anywhere', '--follow bob', { to: 'bob', follow: true }],
  ['short options work, together with their value too', 'bob -f -n5', { to: 'bob', follow: true, tail: 5 }],
  ['a name of two words has a hyphen', 'bob --data-folder /x', { to: 'bob', dataFolder: '/x' }],
  ['a value may follow an equals sign', 'bob --data-folder=/x', { to: 'bob', dataFolder: '/x' }],
  ['a list takes each of its values', 'bob --profile a --profile b', { to: 'bob', profile: ['a', 'b'] }],
  ['after -- nothing is an option', 'bob -- ls -l --follow', { to: 'bob', words: ['ls', '-l', '--follow'] }],
] as const)('%s', (_, line, expected) => expect(words(line)).toEqual(expected));

test.each([
  ['a missing argument is named', '', '<to> is missing', 'see `slipway send --help`'],
  ['the nearest option is named', 'bob --folow', "'--folow' is no option of `slipway send`", 'did you mean --follow?'],
  [
    'options that all commands have count too',
    'bob --jsn',
    "'--jsn' is no option of `slipway send`",
    'did you mean --json?',
  ],
  [
    'a strange option points to the help',
    'bob --zzzzzz',
    "'--zzzzzz' is no option of `slipway send`",
    'see `slipway send --help`',
  ],
  ['a flag takes no value', 'bob --follow=yes', '--follow takes no value', 'write --follow alone'],
  ['a value may not be left out', 'bob --data-folder', '--data-folder needs a value', undefined],
  ['a number must be one', 'bob --tail many', "--tail is 'many', which is no number", undefined],
  [
    'a choice must be known',
    'bob --format jsn',
    "--format is 'jsn', but must be one of json, yaml",
    "did you mean 'json'?",
  ],
] as const)('%s', (_, line, message, hint) =>
  expect(problem(line)).toMatchObject({ code: 'cli.usage', message, hint }),
);

test('a word too many is named', () => {
  const one = command({
    name: 'one',
    about: '',
    args: z.object({}),
    result: z.object({}),
    run: () => ({}),
    show: () => '',
  });
  expect(() => parseWords(one, ['extra'])).toThrow("'extra' is one word too many");
});
