import { spawn } from 'node:child_process';
import { SlipwayError } from '#domain/errors.ts';
import type { Access } from './access.ts';

/** What git said. */
interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git in a folder with these arguments, and no shell. @throws SlipwayError `source.git_missing` */
export function git(cwd: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', argv, {
      cwd,
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) =>
      reject(new SlipwayError('source.git_missing', 'git cannot be run', 'install git and have it on the PATH', error)),
    );
    child.on('close', (code) => resolve({ code: code ?? 1, stdout: textOf(out), stderr: textOf(err) }));
  });
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8').trim();

/** A checkout as it is on disk. */
export interface Head {
  /** Full id. */
  readonly commit: string;
  /** `null`: HEAD is at no branch. */
  readonly branch: string | null;
  readonly message: string;
  /** Paths that differ from the commit, or are not in git. */
  readonly uncommitted: readonly string[];
}

/** @throws SlipwayError `source.refused` outside a repository, and where there is no commit yet */
export async function readHead(cwd: string): Promise<Head> {
  const [head, status, branch] = await Promise.all([
    git(cwd, ['log', '-1', '--format=%H%n%s']),
    git(cwd, ['status', '--porcelain=v1', '-z', '--', '.']),
    currentBranch(cwd),
  ]);
  if (head.code !== 0) {
    const isRepository = (await git(cwd, ['rev-parse', '--git-dir'])).code === 0;
    throw isRepository
      ? new SlipwayError('source.refused', `${cwd} has no commit yet`, 'commit first: `git add . && git commit`')
      : new SlipwayError('source.refused', `${cwd} is in no git repository`, 'make it one: `git init`, and commit');
  }
  const [commit = '', message = ''] = head.stdout.split('\n');
  const uncommitted = status.stdout
    .split('\0')
    .filter((entry) => /^.{2} ./.test(entry))
    .map((entry) => entry.slice(3));
  return { commit, branch, message, uncommitted };
}

/** `null` where HEAD is at no branch, or there is no repository. */
export async function currentBranch(cwd: string): Promise<string | null> {
  const found = await git(cwd, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return found.code === 0 && found.stdout !== '' ? found.stdout : null;
}

/**
 * Pushes a commit where only `plan` and `deploy` look for it: no branch moves, so nothing is deployed by it. The token goes to
 * git through its environment, which no other user can read as they can its arguments.
 * @throws SlipwayError `source.refused` with git's own words
 */
export async function pushCommit(cwd: string, access: Access, project: string, commit: string): Promise<void> {
  const url = `${access.url}/git/${project}.git`;
  const said = await git(cwd, ['push', '--quiet', url, `${commit}:refs/slipway/commits/${commit}`], tokenEnv(access));
  if (said.code === 0) return;
  const why = said.stderr
    .split('\n')
    .filter((line) => line !== '')
    .slice(-3)
    .join('; ');
  throw new SlipwayError('source.refused', `git could not push ${commit.slice(0, 12)} to ${url}: ${why}`);
}

/** Variables that give git the token for this server alone. */
export const tokenEnv = ({ url, token }: Access): Readonly<Record<string, string>> => ({
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: `http.${url}/.extraHeader`,
  GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`slipway:${token}`).toString('base64')}`,
  // nobody else's proxy for a server on this machine
  GIT_CONFIG_KEY_1: `http.${url}/.proxy`,
  GIT_CONFIG_VALUE_1: '',
});
