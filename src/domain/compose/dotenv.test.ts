import { expect, test } from 'vitest';
import { DotenvError, parseDotenv, parseRawEnv } from './dotenv.ts';

const outside = (name: string): string | undefined => ({ HOST: 'outside', LONE: 'inherited' })[name];
const parsed = (text: string): Record<string, string> => Object.fromEntries(parseDotenv(text, outside));

test.each([
  ['A=1\nB=2', { A: '1', B: '2' }],
  ['\uFEFFA=1\r\nB = 2 \r\n', { A: '1', B: '2' }],
  ['export A=1', { A: '1' }],
  ['A: yaml style', { A: 'yaml style' }],
  ['# note\n\n  A=1 # note\nB=a#b', { A: '1', B: 'a#b' }],
  ["A='$HOST # kept'", { A: '$HOST # kept' }],
  ['A="x\\n\\t\\"\\$HOST" # note', { A: 'x\n\t"$HOST"'.replace('"$HOST"', '"$HOST') }],
  ['A="two\nlines"\nB=1', { A: 'two\nlines', B: '1' }],
  ['A=1\nB=$A-${HOST}-${NO:-d}', { A: '1', B: '1-outside-d' }],
  ['HOST=file\nB=$HOST', { HOST: 'file', B: 'outside' }],
  ['LONE\nABSENT\nA=1', { LONE: 'inherited', A: '1' }],
  ['A=\nB=""', { A: '', B: '' }],
  ['a.b-c[0]=1', { 'a.b-c[0]': '1' }],
])('%j gives %j', (text, variables) => {
  expect(parsed(text)).toEqual(variables);
});

test.each([
  ['A=1\nmy key=2', 2, 'contains a space'],
  ['A="open\nB=1', 1, 'has no end'],
  ['A=1\n\nB!=2', 3, "unexpected character '!'"],
  ['A=${', 1, 'no closing brace'],
])('%j is refused with its line', (text, line, message) => {
  const failed = (): unknown => parsed(text);
  expect(failed).toThrow(DotenvError);
  expect(failed).toThrow(expect.objectContaining({ line, message: expect.stringContaining(message) }));
});

test('a raw file knows no quotes and no variables', () => {
  expect(Object.fromEntries(parseRawEnv('# note\nA="$HOST" # x\nLONE\nNO', outside))).toEqual({
    A: '"$HOST" # x',
    LONE: 'inherited',
  });
});
