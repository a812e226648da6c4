#!/usr/bin/env node
// `npm run demo`: what is needed before anything is installed. It has no dependency, and does three things: checks Node
// and git, installs what is missing, and hands over to run.ts.
import { execFileSync, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const needed = { node: [20, 19], git: [2, 31] };

/** Ends with what is wrong and what to do about it. */
function refuse(problem, hint) {
  console.error(`✗ ${problem}\n  ${hint}`);
  process.exit(1);
}

const isAtLeast = ([major, minor], text) => {
  const [haveMajor = 0, haveMinor = 0] = text.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
};

function gitVersion() {
  try {
    return /\d+(\.\d+)+/.exec(execFileSync('git', ['--version'], { encoding: 'utf8', timeout: 10_000 }))?.[0] ?? '';
  } catch {
    return refuse('git is not there', 'install git, and run this again');
  }
}

const timeOf = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
// npm writes this file at the end of an installation that succeeded
const isInstalled = () => timeOf('node_modules/.package-lock.json') >= timeOf('package-lock.json');

/** `npm ci`, with the seconds that it takes on a terminal. */
function install() {
  const npm = process.env.npm_execpath;
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  const isTerminal = process.stdout.isTTY === true;
  const told = 'Installing what package-lock.json lists (npm ci)';
  if (!isTerminal) console.log(`  ${told} ...`);
  const ticking = isTerminal
    ? setInterval(() => process.stdout.write(`\r  ${told} ... ${seconds()} `), 250)
    : undefined;
  const child = spawn(program, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  const timer = setTimeout(() => child.kill(), 15 * 60_000);
  return new Promise((resolve) => {
    child.on('error', (error) => refuse('npm cannot be started', String(error)));
    child.on('close', (code) => {
      clearInterval(ticking);
      clearTimeout(timer);
      if (isTerminal) process.stdout.write('\r\x1b[K');
      if (code !== 0)
        refuse(`npm ci failed (${code ?? 'it took longer than 15 minutes'})`, said.trim().split('\n').join('\n  '));
      resolve(`installed in ${seconds()}`);
    });
  });
}

const { node } = process.versions;
if (!isAtLeast(needed.node, node)) refuse(`Node ${node} is too old`, `install Node ${needed.node.join('.')} or newer`);
const git = gitVersion();
if (!isAtLeast(needed.git, git)) refuse(`git ${git} is too old`, `install git ${needed.git.join('.')} or newer`);
const installed = isInstalled() ? 'dependencies are installed' : await install();
const { register } = await import('tsx/esm/api');
register();
const { run } = await import('./run.ts');
await run(process.argv.slice(2), `Node ${node}, git ${git}, ${installed}`);
