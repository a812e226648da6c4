import type { StackName } from '#domain/stack-name.ts';
import type { LogLine, LogQuery } from '../contract.ts';
import type { EngineApi } from './api.ts';
import { lineReader } from './log-lines.ts';
import type { Task } from './shapes.ts';
import { openLog, tasksOf } from './task-logs.ts';
import { watchStack } from './watch.ts';

/**
 * Lines as they come, of every instance that there is and that comes, until the signal. Of instances that are there
 * already `tail` lines first; of a later one all. Each instance's own log is followed: a service's ends, or waits, with tasks that never start.
 */
export async function* followStack(
  api: EngineApi,
  stack: StackName,
  first: readonly Task[],
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const queue = new LineQueue();
  const own = new AbortController();
  const end = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  const known = new Set<string>();
  const start = (task: Task, tail: number | undefined): void => {
    if (known.has(task.ID)) return;
    known.add(task.ID);
    void followTask(api, task, tail, queue, own.signal);
  };
  for (const task of first) start(task, query.tail);
  const looking = lookForMore(api, stack, query, (task) => start(task, undefined), own.signal);
  void looking.finally(() => queue.close());
  try {
    yield* queue;
  } finally {
    own.abort();
    signal.removeEventListener('abort', end);
    await looking;
  }
}

async function followTask(
  api: EngineApi,
  task: Task,
  tail: number | undefined,
  queue: LineQueue,
  signal: AbortSignal,
): Promise<void> {
  const read = lineReader(task, (line) => queue.push(line));
  try {
    for await (const chunk of await openLog(api, task, tail, true, signal)) read.feed(chunk);
  } catch {
    // it has ended, or the engine went away: what comes next is found by looking
  }
  read.end();
}

async function lookForMore(
  api: EngineApi,
  stack: StackName,
  query: LogQuery,
  start: (task: Task) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const _ of watchStack(api, stack, signal)) {
    const tasks = await tasksOf(api, stack, query, signal).catch(() => []);
    for (const task of tasks) start(task);
  }
}

/** Lines wait here for their reader; beyond so many the oldest go, so that nobody who stops reading fills the memory. */
const mostWaiting = 50_000;

class LineQueue implements AsyncIterable<LogLine> {
  #lines: LogLine[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  push(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > mostWaiting) this.#lines = this.#lines.slice(-mostWaiting / 2);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine> {
    for (;;) {
      const lines = this.#lines;
      this.#lines = [];
      yield* lines;
      if (this.#lines.length > 0) continue;
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
