import { expect, test } from 'vitest';
import { z } from 'zod';
import { commands } from './commands.ts';
import { script } from './completion.ts';
import { findCommand, helpOf, overview, usageOf, visibleCommands } from './help.ts';

test.each(Object.entries(commands))(
  '`slipway %s` is what the list says, and describes all that it takes',
  async (name, entry) => {
    const command = await entry.load();
    expect(command.path.join(' ')).toBe(name);
    expect(command.about).toBe(entry.about);
    const undescribed = command.fields.filter((field) => field.about === '').map((field) => field.key);
    expect(undescribed, 'arguments without a description').toEqual([]);
    const keys = command.fields.map((field) => field.key);
    expect(keys).toEqual(expect.arrayContaining(command.positionals.map((positional) => positional.key)));
    const shorts = command.fields.flatMap((field) => field.short ?? []);
    expect(new Set(shorts).size, 'a letter used twice').toBe(shorts.length);
    expect(shorts).not.toContain('h');
    expect(() => z.toJSONSchema(command.result, { unrepresentable: 'any' })).not.toThrow();
    expect(helpOf(command)).toContain(`Usage: slipway ${usageOf(command)}`);
  },
);

test('the overview names every command that people use, and none for other programs', () => {
  const text = overview('1.2.3');
  for (const [name, { group }] of Object.entries(commands))
    expect(text.includes(`  ${name} `)).toBe(group !== 'hidden');
});

test.each([
  ['deploi', "there is no command 'deploi'", 'did you mean `slipway deploy`?'],
  ['qqqqqq', "there is no command 'qqqqqq'", 'see `slipway --help`'],
  ['cluster lss', "there is no command 'cluster lss'", 'did you mean `slipway cluster ls`?'],
  [
    'cluster',
    '`slipway cluster` needs a word more',
    'there are: `slipway cluster add`, `slipway cluster ls`, `slipway cluster rm`',
  ],
  ['clutser', "there is no command 'clutser'", 'did you mean `slipway cluster`?'],
] as const)('`slipway %s` is answered with the nearest', (line, message, hint) =>
  expect(() => findCommand(line.split(' '))).toThrow(expect.objectContaining({ code: 'cli.usage', message, hint })),
);

test('the longest name wins, and the rest is left', () =>
  expect(findCommand(['cluster', 'ls', '--x'])).toMatchObject({ rest: ['--x'], entry: commands['cluster ls'] }));

test.each(['bash', 'zsh', 'fish'] as const)('completion for %s knows every command and its options', async (shell) => {
  const all = await visibleCommands();
  const text = script(shell, all);
  for (const { path, fields, positionals } of all) {
    for (const word of path) expect(text).toContain(word);
    const places = positionals.map((positional) => positional.key);
    for (const { flag, key } of fields) if (!places.includes(key)) expect(text).toContain(flag);
  }
});
