import type { Engine, LogQuery } from '#adapters/engines/contract.ts';
import { within } from '#adapters/within.ts';
import type { RolloutFailure } from '#domain/rollout/rollout.ts';
import type { StackName } from '#domain/stack-name.ts';

/** The last 20 lines an instance wrote, or its service where no instance is to blame. None when the engine does not give them within 5 s. */
export async function lastLines(
  engine: Engine,
  stack: StackName,
  failure: RolloutFailure,
  signal: AbortSignal,
  count = 20,
): Promise<readonly string[]> {
  const query: LogQuery = {
    service: failure.service,
    tail: count,
    ...(failure.instance === null ? {} : { instance: failure.instance }),
  };
  const lines: string[] = [];
  try {
    await within(signal, { ms: 5000, late: () => 'late' }, async (limited) => {
      for await (const line of engine.logs(stack, query, limited)) lines.push(line.text);
    });
  } catch {
    // the lines help to understand a failure; without them it is still the same failure
  }
  return lines.slice(-count);
}
