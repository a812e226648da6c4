import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const program = new URL('../../src/cli/main.ts', import.meta.url).pathname;
/** Of one block: a question that nobody answers must not hold a test up. */
const limitMs = 240_000;

/**
 * A person who follows a page: a home, a data folder and a working folder of their own, `slipway` on the path, and a shell
 * in which the page's blocks run one after another. The shell is the reader's; nothing of Slipway runs in one.
 */
export class Walkthrough {
  readonly home: string;
  readonly #replace: (text: string) => string;

  private constructor(home: string, replace: (text: string) => string) {
    this.home = home;
    this.#replace = replace;
  }

  /** `replace`: what of a block must be another one here, as a port that may be taken. */
  static async begin(replace: (text: string) => string = (text) => text): Promise<Walkthrough> {
    const home = await mkdtemp(join(tmpdir(), 'slipway-walk-'));
    // PostgreSQL runs as another user when we are root
    await chmod(home, 0o755);
    const bin = join(home, 'bin');
    await mkdir(bin);
    await mkdir(join(home, 'work'));
    const tsx = new URL(import.meta.resolve('tsx')).pathname;
    await writeFile(
      join(bin, 'slipway'),
      `#!/bin/sh\nexec '${process.execPath}' --import '${tsx}' '${program}' "$@"\n`,
      { mode: 0o755 },
    );
    await writeFile(join(home, 'cwd'), join(home, 'work'));
    return new Walkthrough(home, replace);
  }

  get #env(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([key]) => !/^(SLIPWAY_|DATABASE_URL$|npm_|GIT_)/.test(key));
    return {
      ...Object.fromEntries(kept),
      HOME: this.home,
      PATH: `${join(this.home, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
      SLIPWAY_DATA: join(this.home, 'data'),
      XDG_CONFIG_HOME: join(this.home, 'config'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Reader',
      GIT_AUTHOR_EMAIL: 'reader@example.com',
      GIT_COMMITTER_NAME: 'Reader',
      GIT_COMMITTER_EMAIL: 'reader@example.com',
      GIT_TERMINAL_PROMPT: '0',
    };
  }

  /** Runs a block where the one before ended. @returns what it printed. @throws Error with that, when a command fails */
  async run(text: string): Promise<string> {
    const script = join(this.home, 'block.sh');
    const cwd = join(this.home, 'cwd');
    await writeFile(script, `set -eu\ncd "$(cat '${cwd}')"\n${this.#replace(text)}\npwd > '${cwd}'\n`);
    // into a file: a server that was put in the background would hold a pipe open
    const told = join(this.home, 'output');
    const file = await open(told, 'w');
    const child = spawn('bash', [script], { env: this.#env, stdio: ['ignore', file.fd, file.fd], timeout: limitMs });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    }).finally(() => file.close());
    const output = await readFile(told, 'utf8');
    if (code !== 0) throw new Error(`exit code ${code} of:\n${text}\nIt printed:\n${output}`);
    return output;
  }

  /** What the server wrote, for whoever looks for the reason of a failure. */
  async serverLog(): Promise<string> {
    return readFile(join(this.home, 'data', 'server.log'), 'utf8').catch(() => '');
  }

  async end(): Promise<void> {
    await this.run('slipway down --all').catch(() => undefined);
    await rm(this.home, { recursive: true, force: true });
  }
}
