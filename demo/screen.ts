import { cut } from '#cli/follow/render.ts';
import { duration, hasColours, paints, plain, type Screen, widthOf } from '#cli/output.ts';

/** Where the demo writes to: colours and lines drawn anew on a terminal only. */
export function screenOf(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Screen {
  const isTerminal = out.isTTY === true && env.TERM !== 'dumb';
  return {
    json: false,
    isTerminal,
    get width() {
      return out.columns ?? 100;
    },
    get height() {
      return out.rows ?? 40;
    },
    paint: paints(hasColours(isTerminal, env)),
    write: (text) => void out.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
}

/** A heading, with a line free above it. */
export const title = (screen: Screen, text: string): void => screen.write(`\n${screen.paint.strong(text)}\n`);

/** What others said: quietly, and without what it could do to the terminal. */
export const quote = (screen: Screen, line: string): void =>
  screen.write(`    ${screen.paint.faint(cut(plain(line).trimEnd(), screen.width - 4))}\n`);

/** `  ✓ text   3 s`: something that has been done. */
export function done(screen: Screen, text: string, sinceMs: number | null = null): void {
  const { paint } = screen;
  const time = sinceMs === null ? '' : duration(Date.now() - sinceMs);
  const gap = ' '.repeat(Math.max(2, Math.min(screen.width, 88) - 4 - widthOf(text) - time.length));
  screen.write(`  ${paint.good('✓')} ${text}${time === '' ? '' : gap + paint.faint(time)}\n`);
}

/** What cannot go on, and what to do about it. */
export function failed(screen: Screen, message: string, hint: string): void {
  const [first = '', ...rest] = plain(message).split('\n');
  screen.write(`\n  ${screen.paint.bad('✗')} ${first}\n${rest.map((line) => `    ${line}\n`).join('')}`);
  if (hint !== '') screen.write(`    ${plain(hint).replaceAll('\n', '\n    ')}\n`);
}

/** Shows on a terminal that something goes on, until it is over. */
export async function during<T>(screen: Screen, text: string, work: Promise<T>): Promise<T> {
  if (!screen.isTerminal) return work;
  const startedAt = Date.now();
  const show = (): void =>
    screen.write(
      `\r\x1b[K  ${screen.paint.changed('…')} ${text} ${screen.paint.faint(duration(Date.now() - startedAt))}`,
    );
  const timer = setInterval(show, 500);
  show();
  try {
    return await work;
  } finally {
    clearInterval(timer);
    screen.write('\r\x1b[K');
  }
}
