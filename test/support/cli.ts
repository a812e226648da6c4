import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What a program said, and what it ended with. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly said: Promise<Said>;
  /** What it wrote so far. */
  out(): string;
}

/** A person's machine: a home, a data folder and a project's folder of their own. Programs see nothing of ours. */
export class Desk {
  readonly home: string;
  readonly data: string;
  readonly project: string;

  readonly #command: readonly string[];

  private constructor(home: string, command: readonly string[]) {
    this.home = home;
    this.#command = command;
    this.data = join(home, 'data');
    this.project = join(home, 'shop');
  }

  /** @param command what Node runs as `slipway`: the sources, or a bundle of them */
  static async make(command: readonly string[] = ['--import', tsx, main]): Promise<Desk> {
    const desk = new Desk(await mkdtemp(join(tmpdir(), 'slipway-desk-')), command);
    // the database's own user must get to the data folder
    await chmod(desk.home, 0o755);
    await mkdir(desk.project);
    await desk.write({ '../.gitconfig': '[user]\n\tname = T\n\temail = t@example.com\n' });
    return desk;
  }

  /** Writes files of the project. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.project, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /** `slipway …` in the project's folder. */
  slipway(
    argv: readonly string[],
    options: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ): Promise<Said> {
    return this.start(argv, options).said;
  }

  start(
    argv: readonly string[],
    { input = '', env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
  ): Running {
    return this.#run(process.execPath, [...this.#command, ...argv], input, env);
  }

  git(...argv: readonly string[]): Promise<Said> {
    return this.#run('git', argv, '', {}).said;
  }

  #run(program: string, argv: readonly string[], input: string, env: Record<string, string>): Running {
    const child = spawn(program, argv, {
      cwd: this.project,
      env: {
        PATH: process.env.PATH,
        HOME: this.home,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_TERMINAL_PROMPT: '0',
        SLIPWAY_DATA: this.data,
        ...env,
      },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const said = once(child, 'close').then(() => ({ code: child.exitCode, stdout, stderr }));
    return { child, said, out: () => stdout };
  }

  /** Stops what runs, and removes all of it. */
  async dispose(): Promise<void> {
    await this.slipway(['down', '--all']);
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A project of one small service that runs on the local engine; `answer`: what it says. */
export const smallProject = (answer: string): Readonly<Record<string, string>> => ({
  'compose.yaml': [
    'services:',
    '  web:',
    '    build: web',
    '    expose: [8080]',
    '    environment: { GREETING: "${GREETING:-hello}" }',
    '    x-slipway:',
    '      local: { directory: web, command: [node, server.mjs], port: PORT }',
    '',
  ].join('\n'),
  'web/server.mjs': [
    "import { createServer } from 'node:http';",
    `createServer((_, response) => response.end(${JSON.stringify(answer)})).listen(Number(process.env.PORT), '127.0.0.1');`,
    'console.log(`up as ${process.env.GREETING}`);',
    '',
  ].join('\n'),
});
