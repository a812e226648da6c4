import type { StackName } from '#domain/stack-name.ts';
import type { LogLine, LogQuery } from '../contract.ts';
import type { EngineApi } from './api.ts';
import { EngineAnswer } from './failures.ts';
import { followStack } from './follow.ts';
import { lineReader } from './log-lines.ts';
import type { Task } from './shapes.ts';
import { openLog, tasksOf } from './task-logs.ts';

/**
 * Lines of the stack's instances, also of those that have ended, as long as Swarm keeps their containers (5 a slot).
 * Not following: all at once, in the order of time.
 */
export async function* readLogs(
  api: EngineApi,
  stack: StackName,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const tasks = await tasksOf(api, stack, query, signal);
  if (query.follow) {
    yield* followStack(api, stack, tasks, query, signal);
    return;
  }
  const lines = await Promise.all(tasks.map((task) => taskLines(api, task, query.tail, signal)));
  yield* lines.flat().sort((a, b) => a.at - b.at);
}

async function taskLines(
  api: EngineApi,
  task: Task,
  tail: number | undefined,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  const read = lineReader(task, (line) => lines.push(line));
  try {
    for await (const chunk of await openLog(api, task, tail, false, signal)) read.feed(chunk);
  } catch (error) {
    // its container was removed meanwhile
    if (!(error instanceof EngineAnswer)) throw error;
  }
  read.end();
  return lines;
}
