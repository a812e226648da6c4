import { messageOf } from '#domain/errors.ts';
import { listenEvents } from '#store/listen.ts';

/** Tells any number of readers that there are new events, over one connection to the database. */
export interface EventFeed {
  /** The newest event's `seq` that is known; 0 before the first news. */
  newest(): number;
  /** Resolves once there are events after `seq`, or the signal is aborted. */
  beyond(seq: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** It connects when it is first asked. */
export function openFeed(url: string, log: (line: string) => void): EventFeed {
  const stopping = new AbortController();
  const waiting = new Set<() => void>();
  let newest = 0;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      for await (const seq of listenEvents(url, stopping.signal)) {
        newest = Math.max(newest, seq);
        for (const wake of waiting) wake();
      }
    } catch (thrown) {
      log(`events: ${messageOf(thrown)}`);
      running = undefined;
    }
  };
  return {
    newest: () => newest,
    beyond: (seq, signal) => {
      running ??= run();
      return new Promise((resolve) => {
        const isOver = () => newest > seq || signal.aborted || stopping.signal.aborted;
        const wake = (): void => {
          if (!isOver()) return;
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake);
        wake();
      });
    },
    close: async () => {
      stopping.abort();
      for (const wake of waiting) wake();
      await running;
    },
  };
}
