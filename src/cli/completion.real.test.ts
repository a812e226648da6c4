import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { script } from './completion.ts';
import { visibleCommands } from './help.ts';

/** The completion scripts in the shells themselves, as far as they are installed. */
const folder = mkdtempSync(join(tmpdir(), 'slipway-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function written(shell: 'bash' | 'zsh' | 'fish'): Promise<string> {
  const path = join(folder, shell);
  writeFileSync(path, script(shell, await visibleCommands()));
  return path;
}
const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
const run = (shell: string, ...argv: readonly string[]): string =>
  execFileSync(shell, argv, { encoding: 'utf8', timeout: 20_000, cwd: folder, env: { ...process.env, TERM: 'dumb' } });

test('bash offers the words that may follow', async () => {
  const path = await written('bash');
  const complete = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _slipway; echo "${COMPREPLY[@]}"';
  const offered = (...words: readonly string[]) =>
    run('bash', '--norc', '-c', complete, 'bash', path, ...words)
      .trim()
      .split(' ');
  expect(offered('slipway', 'clus')).toEqual(['cluster']);
  expect(offered('slipway', 'cluster', '')).toEqual(['add', 'ls', 'rm']);
  expect(offered('slipway', '--json', 'deploy', '--env')).toEqual(['--environment']);
  expect(offered('slipway', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
});

describe.skipIf(!isThere('fish'))('fish', () => {
  test('offers the words that may follow, and files only where a file may stand', async () => {
    const path = await written('fish');
    writeFileSync(join(folder, 'clause.yaml'), '');
    const offered = (line: string) =>
      run('fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', path, line)
        .trim()
        .split('\n')
        .map((one) => one.split('\t')[0]);
    expect(offered('slipway cl')).toEqual(['cluster']);
    expect(offered('slipway cluster ')).toEqual(['add', 'ls', 'rm']);
    expect(offered('slipway deploy --env')).toEqual(['--environment']);
    expect(offered('slipway validate cl')).toEqual(['clause.yaml']);
  });
});

describe.skipIf(!isThere('zsh'))('zsh', () => {
  test('completes a word at its terminal', async () => {
    const path = await written('zsh');
    // a zsh of its own at a terminal of its own, spoken to as a person would
    const session = `
      zmodload zsh/zpty
      zpty -b inner 'zsh -f -i'
      zpty -w inner "autoload -Uz compinit; compinit -u -D; source $1; PROMPT='ready'\\"> \\""
      zpty -r -m inner out '*ready> *'
      zpty -w -n inner "$2"$'\\t'
      zpty -r -m inner out "*$3*" && echo completed
      zpty -d inner`;
    const completes = (typed: string, expected: string) =>
      run('zsh', '-f', '-c', session, 'zsh', path, typed, expected).trim();
    expect(completes('slipway clus', 'slipway cluster')).toBe('completed');
    expect(completes('slipway registry log', 'slipway registry login')).toBe('completed');
  });
});
