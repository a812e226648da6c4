import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { Context } from './context.ts';

/**
 * A value that must not stand on a command line, where others see it: from a file, the standard input, or asked for. One end of
 * line at its end is not part of it.
 * @throws SlipwayError `cli.usage`
 */
export async function secretFrom(context: Context, file: string | undefined, question: string): Promise<string> {
  const text = await given(context, file, question);
  const value = text.replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new SlipwayError('cli.usage', 'no value was given', 'pipe it in, or name a file that holds it');
}

async function given({ cwd, input }: Context, file: string | undefined, question: string): Promise<string> {
  if (file === undefined)
    return input.isTerminal ? input.askSecretly(question) : (await input.readBytes()).toString('utf8');
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (thrown) {
    throw new SlipwayError('cli.usage', `the file ${file} cannot be read: ${messageOf(thrown)}`, undefined, thrown);
  }
}
