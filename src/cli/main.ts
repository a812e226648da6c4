#!/usr/bin/env node
import { version } from '#domain/version.ts';

/** `slipway`: the words decide which file is loaded; `--version` and `--help` load next to nothing. */
async function main(words: readonly string[]): Promise<number> {
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

// a reader that has seen enough (`slipway logs | head`) closes the pipe: that is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await main(process.argv.slice(2));
// what was written is out, then this ends at once: left to itself, Node would finish compiling its HTTP parser first (0.1 s)
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
);
process.exit(code);
