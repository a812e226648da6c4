/** A volume's short form, taken apart. */
export interface ShortVolume {
  readonly type: 'bind' | 'volume';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly noCopy: boolean;
  readonly propagation?: string | undefined;
  readonly selinux?: string | undefined;
}

const propagations = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

/**
 * Parses `[source:]target[:options]`; undefined when a part is empty or there are too many. A letter before a colon is a
 * Windows drive. Options that nobody knows are ignored, as docker compose does.
 * Source: the Compose Specification, `volumes`, short syntax.
 */
export function parseVolume(text: string): ShortVolume | undefined {
  if (text === '') return undefined;
  if (text.length <= 2) return { type: 'volume', source: '', target: text, readOnly: false, noCopy: false };
  const parts = split(text);
  if (parts.length > 3 || parts.some((part) => part === '')) return undefined;
  const [source, target] = parts.length === 1 ? ['', parts[0] ?? ''] : [parts[0] ?? '', parts[1] ?? ''];
  const options = (parts[2] ?? '').split(',');
  return {
    type: isPath(source) ? 'bind' : 'volume',
    source,
    target,
    readOnly: options.findLast((option) => option === 'ro' || option === 'rw') === 'ro',
    noCopy: options.includes('nocopy'),
    propagation: options.findLast((option) => propagations.has(option)),
    selinux: options.findLast((option) => option === 'z' || option === 'Z'),
  };
}

/** Splits at colons, but not after a drive letter. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const char of text) {
    if (char === ':' && !/^\p{L}$/u.test(part)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part];
}

/** True when a source is a path on the host: it begins with `.`, `/`, `~`, `\\` or a drive. */
export const isPath = (source: string): boolean => /^[./~]|^\\\\|^\p{L}:/u.test(source);
