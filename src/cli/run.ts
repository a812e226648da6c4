import { contextOf } from './context.ts';
import { takeGlobals } from './global-options.ts';
import { findCommand, helpOf, visibleCommands } from './help.ts';
import { hasColours, paints } from './output.ts';
import { parseWords } from './parse.ts';
import { reportOf } from './report.ts';

/** Runs one command line; errors are worded on the standard error. @returns the exit code */
export async function run(line: readonly string[]): Promise<number> {
  const settings = takeGlobals(line);
  try {
    const { entry, rest } = findCommand(settings.words);
    const command = await entry.load();
    if (settings.help) {
      process.stdout.write(helpOf(command));
      return 0;
    }
    return await command.execute(parseWords(command, rest), contextOf(settings, visibleCommands));
  } catch (thrown) {
    const paint = paints(hasColours(process.stderr.isTTY === true, process.env));
    const { text, exitCode } = reportOf(thrown, { json: settings.json, paint });
    process.stderr.write(text);
    return exitCode;
  }
}
