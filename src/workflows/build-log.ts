import { appendBuildLog } from '#store/builds.ts';
import type { Store } from '#store/database.ts';

export interface BuildLog {
  write(line: string): void;
  /** Resolves once every line is kept. */
  close(): Promise<void>;
}

const flushMs = 200;

/** Keeps a build's output as it comes, five times a second at most. A line that cannot be kept does not fail the build. */
export function openBuildLog(store: Store, build: number, service: string): BuildLog {
  let waiting: { service: string; at: number; text: string }[] = [];
  let writing = Promise.resolve();
  const flush = (): void => {
    const lines = waiting;
    waiting = [];
    if (lines.length > 0)
      writing = writing.then(() => store.transaction((tx) => appendBuildLog(tx, build, lines))).catch(() => {});
  };
  const timer = setInterval(flush, flushMs);
  return {
    write: (text) => void waiting.push({ service, at: Date.now(), text }),
    close: async () => {
      clearInterval(timer);
      flush();
      await writing;
    },
  };
}
