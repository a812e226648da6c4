import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { endGroup } from '../../end-group.ts';
import { buildFailed, linesShown } from '../build-failed.ts';
import { keepLast, splitLines } from '../lines.ts';

export interface InstallStep {
  readonly service: string;
  readonly argv: readonly string[];
  /** Folder it runs in. */
  readonly folder: string;
  readonly timeoutMs: number;
}

/**
 * Runs a service's declared install step, without a shell. Its whole process group ends with the signal or the time.
 * @throws SlipwayError `build.failed` with the last lines
 */
export async function runInstall(
  step: InstallStep,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const last = keepLast(linesShown, output);
  const ended = await start(step, last.add, signal);
  if (ended.how === 'aborted') throw signal.reason;
  if (ended.how === 'exit' && ended.code === 0) return;
  const shown = step.argv.join(' ');
  throw buildFailed(`the install step of ${step.service} (${shown}) ${words(ended, step)}`, last.lines());
}

type Ended =
  | { readonly how: 'exit'; readonly code: number }
  | { readonly how: 'signal'; readonly name: string }
  | { readonly how: 'not-started'; readonly why: string }
  | { readonly how: 'aborted' | 'too-long' };

function start(step: InstallStep, line: (text: string) => void, signal: AbortSignal): Promise<Ended> {
  const [program = '', ...args] = step.argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: step.folder,
      env: installEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const streams = [child.stdout, child.stderr].map((stream) => {
      const lines = splitLines(line);
      stream.on('data', lines.write);
      return lines;
    });
    let stopped: 'aborted' | 'too-long' | undefined;
    const stop = (why: 'aborted' | 'too-long') => {
      stopped ??= why;
      endGroup(child);
    };
    const onAbort = () => stop('aborted');
    const timer = setTimeout(() => stop('too-long'), step.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = (ended: Ended) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const lines of streams) lines.end();
      resolve(stopped ? { how: stopped } : ended);
    };
    child.once('error', (error) => settle({ how: 'not-started', why: error.message }));
    child.once('close', (code, name) =>
      settle(code === null ? { how: 'signal', name: name ?? '' } : { how: 'exit', code }),
    );
  });
}

function words(ended: Ended, step: InstallStep): string {
  switch (ended.how) {
    case 'exit':
      return `ended with exit code ${ended.code}`;
    case 'signal':
      return `was ended by ${ended.name}`;
    case 'not-started':
      return `could not be started: ${ended.why}`;
    case 'too-long':
      return `did not end within ${Math.round(step.timeoutMs / 1000)} s`;
    case 'aborted':
      return 'was cancelled';
  }
}

/** Where tools find their configuration and the network; nothing else of the server's environment, for it holds secrets. */
const passed =
  /^(?:HOME|LANG|LC_ALL|TMPDIR|(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|npm_config_(?:registry|cache))$/i;

/** @returns the environment of an install step, of what the server has in its own */
export function installEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(own).flatMap(([name, value]) =>
    value !== undefined && passed.test(name) ? [[name, value]] : [],
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}${delimiter}${own.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`,
    CI: '1',
    NO_COLOR: '1',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
  };
}
