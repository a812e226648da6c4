/** Writes texts for a file that Compose interpolates and that holds no secret. */
export interface Portable {
  /** Every text of a value: `$` as `$$`, a secret's value as `${NAME}`. Keys stay. */
  value(value: unknown): unknown;
  /** No secret's value stands in the text. */
  isFree(text: string): boolean;
  /** The names that were written so far, sorted. */
  used(): readonly string[];
}

/** Values under 4 characters are replaced only where they are the whole text, as everywhere (domain/secret.ts). */
export function portable(secrets: ReadonlyMap<string, string>): Portable {
  const used = new Set<string>();
  const all = [...secrets].filter(([, value]) => value !== '').sort(([, a], [, b]) => b.length - a.length);
  const next = (text: string): { readonly name: string; readonly value: string; readonly at: number } | undefined => {
    const found = all.flatMap(([name, value]) => {
      const at = value.length < 4 ? (text === value ? 0 : -1) : text.indexOf(value);
      return at < 0 ? [] : [{ name, value, at }];
    });
    return found.reduce<(typeof found)[number] | undefined>(
      (first, one) => (first && first.at <= one.at ? first : one),
      undefined,
    );
  };
  const write = (text: string): string => {
    const found = next(text);
    if (!found) return text.replaceAll('$', '$$$$');
    used.add(found.name);
    const before = text.slice(0, found.at).replaceAll('$', '$$$$');
    return `${before}\${${found.name}}${write(text.slice(found.at + found.value.length))}`;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return write(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  return { value: walk, isFree: (text) => next(text) === undefined, used: () => [...used].sort() };
}
