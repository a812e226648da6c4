import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The command as `npm run build` bundles it; it may not be there. */
export const bundle = new URL('../dist/slipway.js', import.meta.url).pathname;

const exec = promisify(execFile);

/** Runs a program to its end. @returns its output. @throws what it failed with, also after `timeoutMs` */
export async function run(
  program: string,
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number } = {},
): Promise<string> {
  const { cwd, env = process.env, timeoutMs = 300_000 } = options;
  const { stdout } = await exec(program, [...argv], {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    timeout: timeoutMs,
    maxBuffer: 64 << 20,
  });
  return stdout;
}

/** How long it takes, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
