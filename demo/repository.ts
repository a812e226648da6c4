import { spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Trouble } from './trouble.ts';

const sample = fileURLToPath(new URL('../samples/marketplace', import.meta.url));
const pushMs = 300_000;

/** The sample project in a git repository of its own, as a user would have it. */
export interface Repository {
  readonly path: string;
  /** Changes a file by replacing a text that is in it. @throws Trouble when it is not */
  change(file: string, text: string, by: string): void;
  /** Commits all. @returns the commit */
  commit(message: string): Promise<string>;
  /** `git push slipway main`; each line that git prints goes to `hear`. @throws Trouble with git's words */
  push(hear: (line: string) => void): Promise<void>;
}

/** Copies the sample to `path`, with its environment on `cluster`, and makes the first commit. */
export async function makeRepository(
  path: string,
  slipway: { readonly url: string; readonly token: string },
  settings: { readonly cluster: string; readonly project: string },
  signal: AbortSignal,
): Promise<Repository> {
  // what a run of the sample in the clone itself has left there is no part of it
  cpSync(sample, path, {
    recursive: true,
    filter: (from) => !/(node_modules|local\/cache\/server(\.next)?|\/data)$/.test(from),
  });
  const git = (argv: readonly string[], hear: (line: string) => void = () => undefined) =>
    runGit(path, argv, hear, signal);
  const repository: Repository = {
    path,
    change: (file, text, by) => {
      const before = readFileSync(join(path, file), 'utf8');
      if (!before.includes(text)) throw new Trouble(`the sample's ${file} has no '${text}' any more`);
      writeFileSync(join(path, file), before.replace(text, by));
    },
    commit: async (message) => {
      await git(['add', '--all']);
      await git(['commit', '--quiet', '--no-verify', '--no-gpg-sign', '-m', message]);
      return git(['rev-parse', 'HEAD']);
    },
    push: async (hear) => {
      await git(['push', 'slipway', 'main'], hear);
    },
  };
  await git(['init', '--quiet', '--template=']);
  await git(['symbolic-ref', 'HEAD', 'refs/heads/main']);
  for (const [name, value] of identity) await git(['config', name, value]);
  await git(['remote', 'add', 'slipway', `${slipway.url}/git/${settings.project}.git`]);
  // in the repository's own settings, so that whoever looks around can push too
  const header = `Authorization: Basic ${Buffer.from(`slipway:${slipway.token}`).toString('base64')}`;
  await git(['config', `http.${slipway.url}/.extraHeader`, header]);
  await git(['config', `http.${slipway.url}/.proxy`, '']);
  repository.change('slipway.yaml', 'cluster: local', `cluster: ${settings.cluster}`);
  repository.change('slipway.yaml', 'project: marketplace', `project: ${settings.project}`);
  return repository;
}

const identity = [
  ['user.name', 'Slipway demo'],
  ['user.email', 'demo@localhost'],
] as const;

/** @returns the standard output. Progress that git overwrites line by line is left out of what is heard. */
function runGit(
  cwd: string,
  argv: readonly string[],
  hear: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  // GIT_DIR and its like, of a hook that started us, would lead elsewhere
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(ours), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  const child = spawn('git', argv, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal, timeout: pushMs });
  let out = '';
  const heard: string[] = [];
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    heard.push(line);
    hear(line);
  });
  return new Promise((resolve, reject) => {
    const failed = (why: string): Trouble => new Trouble(`git ${argv[0]}: ${why}`);
    child.on('error', (error) => reject(signal.aborted ? signal.reason : failed(error.message)));
    child.on('close', (code) => (code === 0 ? resolve(out.trim()) : reject(failed(heard.slice(-5).join('\n')))));
  });
}
