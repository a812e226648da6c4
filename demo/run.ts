import { messageOf } from '#domain/errors.ts';
import { course } from './course.ts';
import { openFolder } from './folder.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { failed, screenOf } from './screen.ts';
import { told } from './trouble.ts';

/** Runs the demo, and ends the process: 0 when all was as it should be, 1 when not, 130 after Ctrl-C. */
export async function run(argv: readonly string[], ready: string): Promise<never> {
  const screen = screenOf(process.stdout, process.env);
  let options: Options | null;
  try {
    options = parseOptions(argv);
  } catch (thrown) {
    process.stderr.write(`${messageOf(thrown)}\n\n${usage}`);
    return process.exit(2);
  }
  if (options === null) {
    process.stdout.write(usage);
    return process.exit(0);
  }
  const interrupted = interruption((line) => screen.write(line));
  try {
    await course({ options, screen, ready, folder: openFolder(options.folder), signal: interrupted });
    return process.exit(0);
  } catch (thrown) {
    if (interrupted.aborted) return process.exit(130);
    const { message, hint } = told(thrown);
    failed(screen, message, hint);
    return process.exit(1);
  }
}

/** Ctrl-C once ends the demo in order; a third time it ends at once. */
function interruption(say: (line: string) => void): AbortSignal {
  const interrupted = new AbortController();
  let times = 0;
  const hear = (): void => {
    times += 1;
    if (times === 1) interrupted.abort(new Error('interrupted'));
    else if (times === 2) say('\n  It is being stopped in order; Ctrl-C once more leaves everything as it is.\n');
    else process.exit(130);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, hear);
  return interrupted.signal;
}
