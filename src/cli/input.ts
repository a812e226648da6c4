import { PassThrough } from 'node:stream';

/** What people and other programs say to a command while it runs. */
export interface Input {
  readonly isTerminal: boolean;
  /** Everything on the standard input. */
  readBytes(): Promise<Buffer>;
  /** The standard input as it comes. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Hands the terminal over to another program. @returns `null` where the standard input is none */
  takeTerminal(): Terminal | null;
  /** Asks a person and gives the answer, without spaces around it. */
  ask(question: string): Promise<string>;
  /** The same for a secret: what is typed is not shown. */
  askSecretly(question: string): Promise<string>;
}

/** A terminal whose keys come as they are pressed, Ctrl-C too. */
export interface Terminal {
  readonly size: TerminalSize;
  /** Keys, and the terminal's size when it has changed. */
  readonly input: AsyncIterable<Uint8Array | TerminalSize>;
  /** To the person. */
  giveBack(): void;
}

/** In characters. */
interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Of this process. */
export const inputOfProcess: Input = {
  get isTerminal() {
    return process.stdin.isTTY === true;
  },
  readBytes: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  },
  bytes: () => process.stdin,
  takeTerminal: () => (process.stdin.isTTY === true ? terminalOfProcess() : null),
  ask: (question) => asked(question, true),
  askSecretly: (question) => asked(question, false),
};

function terminalOfProcess(): Terminal {
  const { stdin, stdout } = process;
  // an output that is no terminal has no size
  const size = (): TerminalSize => ({ rows: stdout.rows || 24, columns: stdout.columns || 80 });
  const input = new PassThrough({ objectMode: true });
  const pressed = (keys: Buffer): unknown => input.write(keys);
  const resized = (): unknown => input.write(size());
  stdin.setRawMode(true);
  stdin.on('data', pressed);
  stdout.on('resize', resized);
  return {
    size: size(),
    input,
    giveBack: () => {
      stdin.off('data', pressed).pause();
      stdout.off('resize', resized);
      stdin.setRawMode(false);
    },
  };
}

async function asked(question: string, isShown: boolean): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const { Writable } = await import('node:stream');
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: isShown ? process.stderr : silent, terminal: true });
  // Ctrl-C at a question ends the program, as everywhere
  lines.on('SIGINT', () => process.exit(130));
  try {
    return (await lines.question('')).trim();
  } finally {
    lines.close();
    if (!isShown) process.stderr.write('\n');
  }
}
