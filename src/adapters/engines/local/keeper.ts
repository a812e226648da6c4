import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackName } from '#domain/stack-name.ts';
import { type KeptInstance, StackFolder, stacksIn } from './folders.ts';
import { takeLock } from './lock.ts';
import { runs, signal as sendSignal } from './processes.ts';
import { type Tools, tend } from './tend.ts';

const beatMs = 300;
/** A stack in which nothing stirs is looked at so often, for supervisors that were killed. */
const quietMs = 2000;
const tickMs = 100;

export interface Keeper {
  close(): Promise<void>;
}

/**
 * Looks after all stacks of a data folder for as long as this process runs: goes on with rollouts that replace a few instances
 * at a time, and starts supervisors that were killed, or that a restart of the machine ended.
 */
export function startKeeper(
  shop: Tools & { readonly dataDirectory: string },
  onTrouble: (error: unknown) => void,
): Keeper {
  const stop = new AbortController();
  const seen = new Map<string, { readonly mark: string; readonly at: number }>();
  const round = async () => {
    for (const name of stacksIn(shop.dataDirectory)) {
      const folder = new StackFolder(shop.dataDirectory, name as StackName);
      const [mark, last] = [changeMark(folder), seen.get(name)];
      if (last && last.mark === mark && Date.now() - last.at < quietMs) continue;
      const lock = await takeLock(`stack ${shop.frame.domain} ${name}`);
      if (lock === null) continue;
      try {
        await tend(shop, folder, stop.signal);
        seen.set(name, { mark, at: Date.now() });
      } finally {
        await lock.release();
      }
    }
  };
  const running = (async () => {
    while (!stop.signal.aborted) {
      await round().catch((error) => stop.signal.aborted || onTrouble(error));
      await sleep(beatMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Tells, until `signal`, whenever a supervisor or an engine wrote something of the stack. */
export async function* ticks(folder: StackFolder, signal: AbortSignal): AsyncIterable<void> {
  for (let last = changeMark(folder); !signal.aborted; ) {
    await sleep(tickMs, undefined, { signal }).catch(() => undefined);
    const now = changeMark(folder);
    if (now !== last && !signal.aborted) yield;
    last = now;
  }
}

/** Files are replaced by renaming, which sets the time of their folder. */
function changeMark(folder: StackFolder): string {
  return ['things', 'state', 'instances']
    .map((part) => statSync(folder.at(part), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .join(' ');
}

/** Ends every supervisor in its orderly way, and waits until all are gone. */
export async function haltAll(dataDirectory: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const left = stacksIn(dataDirectory)
      .flatMap((name): readonly KeptInstance[] => new StackFolder(dataDirectory, name as StackName).instances())
      .filter((one) => runs(one.state?.supervisor ?? null));
    if (left.length === 0) return;
    for (const { state } of left) sendSignal(state?.supervisor?.pid ?? process.pid, 'SIGTERM');
    await sleep(50, undefined, { signal });
  }
}
