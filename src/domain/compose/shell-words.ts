/** A command line as words. `cut` is what was left off: everything from an unquoted `;`, `&`, `|`, `<` or `>`. */
export interface ShellWords {
  readonly words: readonly string[];
  readonly cut: string;
}

/** What is open at a point of the line; backticks and `$(` may hold quotes, and are kept as they are written. */
interface Open {
  readonly single: boolean;
  readonly double: boolean;
  readonly back: boolean;
  readonly dollar: boolean;
}

const nothing: Open = { single: false, double: false, back: false, dollar: false };
const isPlain = (open: Open): boolean => !(open.single || open.double || open.back || open.dollar);

/**
 * Splits a command line the way docker compose does: quotes and backslashes, no variables, no substitution.
 * Undefined when a quote or a parenthesis is left open.
 */
export function shellWords(line: string): ShellWords | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let open = nothing;
  let at = 0;
  for (; at < line.length; at++) {
    const char = line[at] ?? '';
    if (char === '\\' && !open.single) {
      const next = line[++at];
      if (next === undefined) return undefined;
      word = (word ?? '') + (next === 't' ? '\t' : next === 'n' ? '\n' : next);
    } else if (/[ \t\r\n]/.test(char) && isPlain(open)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[;&|<>]/.test(char) && isPlain(open)) break;
    else {
      const step = quoting(char, open, word ?? '');
      if (step === undefined) return undefined;
      // A closed pair of quotes is a word too, be it empty.
      if (step.keep) word = (word ?? '') + char;
      else if (isPlain(step.open)) word ??= '';
      open = step.open;
    }
  }
  if (!isPlain(open)) return undefined;
  // In `2>file` the 2 is no word.
  if (word !== undefined && !(line[at] === '>' && /^\d/.test(word))) words.push(word);
  return { words, cut: line.slice(at).trim() };
}

/** What a character opens or closes, and whether it belongs to the word; undefined for a parenthesis of its own. */
function quoting(char: string, open: Open, word: string): { readonly open: Open; readonly keep: boolean } | undefined {
  const quoted = open.single || open.double;
  if (char === '"' && !open.single && !open.dollar) return { open: { ...open, double: !open.double }, keep: false };
  if (char === "'" && !open.double && !open.dollar) return { open: { ...open, single: !open.single }, keep: false };
  if (char === '`' && !quoted && !open.dollar) return { open: { ...open, back: !open.back }, keep: true };
  if (char === ')' && !quoted && !open.back) return { open: { ...open, dollar: !open.dollar }, keep: true };
  if (char === '(' && !quoted && !open.back) {
    return !open.dollar && word.endsWith('$') ? { open: { ...open, dollar: true }, keep: true } : undefined;
  }
  return { open, keep: true };
}
