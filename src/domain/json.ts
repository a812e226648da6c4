/** What a text says as JSON; `undefined` where it is none. For texts of others, which may be anything. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
