import { type SlipwayClient, slipwayClient } from '#client/client.ts';
import { type Access, findAccess } from './access.ts';
import type { Command } from './command.ts';
import type { GlobalSettings } from './global-options.ts';
import { type Input, inputOfProcess } from './input.ts';
import { hasColours, paints, type Screen } from './output.ts';

/** What a command works with, besides what was said to it. */
export interface Context {
  /** The server's API, by the access below. @throws SlipwayError `auth.required` where no server is known */
  readonly api: SlipwayClient;
  /** Which server, with which token. @throws SlipwayError `auth.required` */
  readonly access: Access;
  /** `--server`, else SLIPWAY_URL */
  readonly server: string | null;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: Screen;
  readonly input: Input;
  /** Aborted by Ctrl-C, from when it is first looked at: until then Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
  /** Every command that is not for other programs only. */
  allCommands(): Promise<readonly Command[]>;
  /** A line for people beside the answer: to the standard error, and nothing with `--json`. */
  note(line: string): void;
}

/** What a command works with, of this process: server and token are looked up when first asked for. */
export function contextOf({ json, server }: GlobalSettings, allCommands: Context['allCommands']): Context {
  const { env } = process;
  const isTerminal = process.stdout.isTTY === true;
  const wanted = server ?? env.SLIPWAY_URL ?? null;
  const screen: Screen = {
    json,
    isTerminal,
    get width() {
      return process.stdout.columns || 120;
    },
    get height() {
      return process.stdout.rows || 40;
    },
    paint: paints(hasColours(isTerminal && !json, env)),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
  const access = once(() => findAccess(wanted, env));
  const api = once(() => slipwayClient(access()));
  const signal = once(interruptSignal);
  return {
    get api() {
      return api();
    },
    get access() {
      return access();
    },
    get signal() {
      return signal();
    },
    server: wanted,
    cwd: process.cwd(),
    env,
    screen,
    input: inputOfProcess,
    allCommands,
    note: (line) => void (json || process.stderr.write(`${line}\n`)),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The first Ctrl-C asks, the second one ends the process. */
function interruptSignal(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
  return interrupted.signal;
}
