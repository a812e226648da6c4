import type { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import type { Context } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { type Field, fieldsOf } from './fields.ts';
import type { Screen } from './output.ts';

/** A command as the command line works with it: made by `command` or `stream` of a typed description. */
export interface Command {
  /** `['cluster', 'add']` */
  readonly path: readonly string[];
  readonly about: string;
  /** Further paragraphs of its help. */
  readonly details: string;
  readonly positionals: readonly Positional[];
  readonly fields: readonly Field[];
  /** `true`: `--json` gives one object a line, as they come. */
  readonly streams: boolean;
  /** What `--json` prints: the object, or each line of a stream. */
  readonly result: z.ZodType;
  /** Checks what was said, runs, prints, and gives the exit code. @throws SlipwayError */
  execute(raw: Readonly<Record<string, unknown>>, context: Context): Promise<number>;
}

/** `<stack>` must be said, `[service]` may be; `many`: all that follow (`<file...>`). */
export interface Positional {
  readonly key: string;
  readonly required: boolean;
  readonly many: boolean;
}

interface Description<S extends z.ZodObject, R extends z.ZodType> {
  /** The words and the arguments by position: `cluster add <name>`. */
  readonly name: string;
  readonly about: string;
  readonly details?: string;
  /** Everything that may be said; what is not by position is an option. */
  readonly args: S;
  readonly result: R;
}

/**
 * A command that gives one answer. `run` prints nothing: what it gives back is what `--json` prints, and `show` words it
 * for people.
 */
export function command<S extends z.ZodObject, R extends z.ZodType>(
  description: Description<S, R> & {
    run(args: z.output<S>, context: Context): Promise<z.output<R>> | z.output<R>;
    show(result: z.output<R>, screen: Screen, args: z.output<S>): string;
    /** Where the answer decides; 0 otherwise. */
    exit?(result: z.output<R>): number;
  },
): Command {
  return {
    ...described(description),
    streams: false,
    execute: async (raw, context) => {
      const args = checked(description.args, raw);
      const result = await description.run(args, context);
      const { screen } = context;
      screen.write(screen.json ? `${JSON.stringify(result)}\n` : withNewline(description.show(result, screen, args)));
      return description.exit?.(result) ?? exitCodes.ok.code;
    },
  };
}

/** A command that gives what comes, as it comes. `show` takes it all and writes it; `exit` is asked with the last. */
export function stream<S extends z.ZodObject, R extends z.ZodType>(
  description: Description<S, R> & {
    run(args: z.output<S>, context: Context): AsyncIterable<z.output<R>>;
    show(items: AsyncIterable<z.output<R>>, screen: Screen, args: z.output<S>): Promise<void>;
    exit?(last: z.output<R> | undefined): number;
    /** What Ctrl-C ends it with, where that is its ordinary end. */
    interrupted?: number;
  },
): Command {
  return {
    ...described(description),
    streams: true,
    execute: async (raw, context) => {
      const args = checked(description.args, raw);
      let last: z.output<R> | undefined;
      const noted = noting(description.run(args, context), (item) => {
        last = item;
      });
      if (context.screen.json) for await (const item of noted) context.screen.write(`${JSON.stringify(item)}\n`);
      else await description.show(noted, context.screen, args);
      if (context.signal.aborted) return description.interrupted ?? exitCodes.interrupted.code;
      return description.exit?.(last) ?? exitCodes.ok.code;
    },
  };
}

async function* noting<T>(items: AsyncIterable<T>, note: (item: T) => void): AsyncIterable<T> {
  for await (const item of items) {
    note(item);
    yield item;
  }
}

/** Writes each item as its own line or lines. */
export const each =
  <T>(line: (item: T, screen: Screen) => string) =>
  async (items: AsyncIterable<T>, screen: Screen): Promise<void> => {
    for await (const item of items) screen.write(withNewline(line(item, screen)));
  };

function described<S extends z.ZodObject, R extends z.ZodType>(
  description: Description<S, R>,
): Omit<Command, 'streams' | 'execute'> {
  const { name, about, details = '', args, result } = description;
  const words = name.split(' ');
  const positionals = words
    .filter((word) => /^[<[]/.test(word))
    .map((word) => ({
      key: word.replace(/[<>[\].]/g, ''),
      required: word.startsWith('<'),
      many: word.includes('...'),
    }));
  return {
    path: words.filter((word) => !/^[<[]/.test(word)),
    about,
    details,
    positionals,
    fields: fieldsOf(args),
    result,
  };
}

function checked<S extends z.ZodObject>(schema: S, raw: Readonly<Record<string, unknown>>): z.output<S> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new SlipwayError('cli.usage', problems.join('; '));
}

const withNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
