const powers = ['', 'k', 'm', 'g', 't', 'p'];

/** Bytes of a size such as `64m`, `1.5GiB` or `1024`, counted in 1024s; undefined when it is none. */
export function parseBytes(text: string): number | undefined {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  const found = /^(\d+(?:\.\d*)?|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  if (found === null) return undefined;
  return Math.trunc(Number(found[1]) * 1024 ** Math.max(0, powers.indexOf((found[2] ?? '').toLowerCase())));
}
