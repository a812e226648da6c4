/** The values that were kept last, by key. */
export interface Recent<T> {
  get(key: string): T | undefined;
  /** Keeps a value, and lets go of the one kept longest ago where there are too many. @returns the value */
  keep(key: string, value: T): T;
  /** Lets go of every key that begins so. */
  forget(prefix: string): void;
}

/** Keeps at most `limit` values. */
export function recent<T>(limit: number): Recent<T> {
  const values = new Map<string, T>();
  return {
    get: (key) => values.get(key),
    keep(key, value) {
      values.delete(key);
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > limit && oldest !== undefined) values.delete(oldest);
      return value;
    },
    forget(prefix) {
      for (const key of values.keys()) if (key.startsWith(prefix)) values.delete(key);
    },
  };
}
