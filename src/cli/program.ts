import { version } from '#domain/version.ts';
import { commands } from './commands.ts';

/** `slipway`, from its words to the end of the process: what was written is out, then it ends with the exit code. */
export async function program(words: readonly string[]): Promise<never> {
  // a reader that has seen enough (`slipway logs | head`) closes the pipe: that is no error
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const code = await perform(words);
  // left to itself, Node would finish compiling its HTTP parser first (0.1 s)
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
  );
  process.exit(code);
}

/** The words decide what is loaded; `--version` and `--help` load next to nothing. */
async function perform(words: readonly string[]): Promise<number> {
  const [first = '--help'] = words;
  if (first === '--version' || first === '-v' || first === 'version') return print(`slipway ${version}\n`);
  if (words.length <= 1 && /^(--help|-h|help)$/.test(first)) {
    const { overview } = await import('./help.ts');
    return print(overview(version));
  }
  const { run } = await import('./run.ts');
  return run(first === 'help' ? [...words.slice(1), '--help'] : words);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** Loads what the commands are made of, and runs none: what is compiled then is what they begin with. */
export async function loadAll(): Promise<void> {
  await import('./run.ts');
  for (const { load } of Object.values(commands)) await load();
}
