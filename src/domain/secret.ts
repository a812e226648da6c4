const shown = '••••••';

/** A value that will not print: strings, JSON and the inspector show dots. `reveal` is the one way to it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown;
  }
}

/**
 * Replaces every occurrence of the given secret values in a text by dots. Values under 4 characters are replaced only
 * where they are the whole text: anything else would blot out half of every page. Source: requirement 9.1.
 */
export function mask(text: string, secrets: Iterable<string>): string {
  let out = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret === '') continue;
    if (secret.length < 4) out = out === secret ? shown : out;
    else out = out.replaceAll(secret, shown);
  }
  return out;
}

/** `mask` over every string of a JSON value; keys stay. */
export function maskDeep<T>(value: T, secrets: readonly string[]): T {
  return walk(value, secrets) as T;
}

function walk(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return mask(value, secrets);
  if (Array.isArray(value)) return value.map((item) => walk(item, secrets));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, secrets)]));
  return value;
}
