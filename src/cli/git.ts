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
  /** Paths that differ from the commit, or are not in git. */
  readonly uncommitted: readonly string[];
}

/** @throws SlipwayError `source.refused` outside a repository, and where there is no commit yet */
export async function readHead(cwd: string): Promise<Head> {
  // one process instead of three: `deploy` waits for them
  const said = await git(cwd, ['status', '--porcelain=v2', '--branch', '-z', '--', '.']);
  if (said.code !== 0)
    throw new SlipwayError('source.refused', `${cwd} is in no git repository`, 'make it one: `git init`, and commit');
  const head = parseStatus(said.stdout);
  if (head !== null) return head;
  throw new SlipwayError('source.refused', `${cwd} has no commit yet`, 'commit first: `git add . && git commit`');
}

/** How many fields stand before the path, by the kind of an entry. Source: git-status(1), 'Porcelain Format Version 2'. */
const fieldsBeforePath: Readonly<Record<string, number>> = { '1': 8, '2': 9, u: 10, '?': 1 };

/** Reads `git status --porcelain=v2 --branch -z`. `null`: there is no commit yet. */
export function parseStatus(output: string): Head | null {
  const entries = output.split('\0');
  const header = (name: string): string | undefined =>
    entries.find((entry) => entry.startsWith(`# ${name} `))?.slice(name.length + 3);
  const [commit = '(initial)', branch = '(detached)'] = [header('branch.oid'), header('branch.head')];
  if (commit === '(initial)') return null;
  const uncommitted: string[] = [];
  for (let at = 0; at < entries.length; at += 1) {
    const [kind = '', ...fields] = (entries[at] ?? '').split(' ');
    const before = fieldsBeforePath[kind];
    if (before === undefined) continue;
    uncommitted.push(fields.slice(before - 1).join(' '));
    // the name before follows by itself
    if (kind === '2') at += 1;
  }
  return { commit, branch: branch === '(detached)' ? null : branch, uncommitted };
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
