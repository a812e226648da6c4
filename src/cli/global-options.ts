/** What every command understands. */
export const globalOptions = {
  json: {
    short: null,
    value: null,
    about: 'Print JSON: one object, or one a line where things come one after another',
  },
  server: { short: null, value: 'url', about: 'The server to ask, over SLIPWAY_URL and what `slipway login` stored' },
  help: { short: 'h', value: null, about: 'Say what the command does' },
} as const;

export interface GlobalSettings {
  readonly json: boolean;
  readonly help: boolean;
  readonly server: string | null;
  readonly words: readonly string[];
}

/** Takes the global options out of a command line; after `--` everything is left as it is. */
export function takeGlobals(words: readonly string[]): GlobalSettings {
  const end = words.indexOf('--');
  const before = [...(end < 0 ? words : words.slice(0, end))];
  let [json, help, server]: [boolean, boolean, string | null] = [false, false, null];
  const rest: string[] = [];
  for (let word = before.shift(); word !== undefined; word = before.shift()) {
    if (word === '--json') json = true;
    else if (word === '--help' || word === '-h') help = true;
    else if (word === '--server') server = before.shift() ?? '';
    else if (word.startsWith('--server=')) server = word.slice('--server='.length);
    else rest.push(word);
  }
  return { json, help, server, words: [...rest, ...(end < 0 ? [] : words.slice(end))] };
}
