type Token =
  | { readonly kind: 'text'; readonly text: string }
  /** `?`: one character, `*`: any number, neither a slash. */
  | { readonly kind: 'one' | 'some' | 'all' }
  /** `**` with the slash after it: nothing, or any folders. */
  | { readonly kind: 'folders' }
  | { readonly kind: 'class'; readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };

/**
 * A function that says whether a name or path matches a glob: `*` and `?` stop at a slash, `**` does not, `**\/` may be
 * nothing, `[a-z]`, `[!a]`, `{a,b}`, a backslash takes the next character as it is. Time grows with pattern times text:
 * a pattern that somebody pushed cannot keep the server busy, as a regular expression could.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const alternatives = expandBraces(pattern).map(tokens);
  return (text) => alternatives.some((list) => matches(list, text));
}

const mostAlternatives = 256;

/** `a{b,c}d` → `abd`, `acd`. Beyond 256 alternatives the braces stay text. */
function expandBraces(pattern: string): readonly string[] {
  const found = /^((?:\\.|[^\\{])*)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (!found) return [pattern];
  const [, before = '', middle = '', after = ''] = found;
  const rest = expandBraces(after);
  const all = middle.split(',').flatMap((choice) => rest.map((end) => `${before}${choice}${end}`));
  return all.length > mostAlternatives ? [pattern] : all;
}

const part = /\\(.)|(\*\*\/)|(\*\*+)|(\*)|(\?)|\[([!^]?)((?:\][^\]]*|[^\]])+)\]|(.)/gsu;

function tokens(pattern: string): readonly Token[] {
  return [...pattern.matchAll(part)].map((match): Token => {
    const [, escaped, folders, all, some, one, not, set, text] = match;
    if (folders !== undefined) return { kind: 'folders' };
    if (all !== undefined) return { kind: 'all' };
    if (some !== undefined) return { kind: 'some' };
    if (one !== undefined) return { kind: 'one' };
    if (set !== undefined) return { kind: 'class', not: not !== '', ranges: rangesOf(set) };
    return { kind: 'text', text: escaped ?? text ?? '' };
  });
}

const rangesOf = (set: string): readonly (readonly [string, string])[] =>
  [...set.matchAll(/(.)-(.)|(.)/gsu)].map(([, from, to, single]) => [from ?? single ?? '', to ?? single ?? '']);

/** All the places in the pattern that the text read so far may have led to, moved on by each character. */
function matches(list: readonly Token[], text: string): boolean {
  let places = reachable(list, new Set([0]), true);
  let atStart = false;
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) for (const to of step(list[place], place, character)) next.add(to);
    atStart = character === '/';
    places = reachable(list, next, atStart);
    if (places.size === 0) return false;
  }
  return places.has(list.length);
}

/** With what may match nothing passed over; `**\/` begins only where a folder's name begins. */
function reachable(list: readonly Token[], places: ReadonlySet<number>, atStart: boolean): ReadonlySet<number> {
  const all = new Set(places);
  for (const place of all) {
    const kind = list[place]?.kind;
    if (kind === 'some' || kind === 'all' || (kind === 'folders' && atStart)) all.add(place + 1);
  }
  return all;
}

function step(token: Token | undefined, place: number, character: string): readonly number[] {
  switch (token?.kind) {
    case undefined:
      return [];
    case 'text':
      return token.text === character ? [place + 1] : [];
    case 'one':
      return character === '/' ? [] : [place + 1];
    case 'some':
      return character === '/' ? [] : [place];
    case 'all':
    case 'folders':
      return [place];
    case 'class': {
      const isIn = token.ranges.some(([from, to]) => from <= character && character <= to);
      return character !== '/' && isIn !== token.not ? [place + 1] : [];
    }
    default:
      return token satisfies never;
  }
}
