/** Work that several callers ask for at the same time, done once. */
export interface SharedWork<T> {
  /**
   * Starts `work` for this key, or joins the one that runs. A caller's signal ends the caller's waiting; the work's own
   * signal is aborted when nobody waits any more, and then the next call starts anew.
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** Sharing within this process only: across processes each work must bear being done twice. */
export function shareWork<T>(): SharedWork<T> {
  const running = new Map<string, Running<T>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Running<T> {
    const abort = new AbortController();
    const result = work(abort.signal).finally(() => {
      if (running.get(key) === entry) running.delete(key);
    });
    const entry: Running<T> = { result, abort, waiting: 0 };
    // every caller may have left before it fails
    result.catch(() => {});
    running.set(key, entry);
    return entry;
  }

  function leave(key: string, entry: Running<T>, why: unknown): void {
    entry.waiting -= 1;
    if (entry.waiting > 0) return;
    if (running.get(key) === entry) running.delete(key);
    entry.abort.abort(why);
  }

  return {
    async run(key, signal, work) {
      signal.throwIfAborted();
      const entry = running.get(key) ?? start(key, work);
      entry.waiting += 1;
      let onAbort = () => {};
      const aborted = new Promise<never>((_, reject) => {
        onAbort = () => {
          leave(key, entry, signal.reason);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
      try {
        return await Promise.race([entry.result, aborted]);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
