/** A command line as words. `cut` is what was left off: everything from an unquoted `;`, `&`, `|`, `<` or `>`. */
export interface ShellWords {
  readonly words: readonly string[];
  readonly cut: string;
}

type Mode = 'plain' | 'single' | 'double' | 'back' | 'dollar';

/**
 * Splits a command line the way docker compose does: quotes and backslashes, no variables, no substitution.
 * Undefined when a quote or a parenthesis is left open.
 */
export function shellWords(line: string): ShellWords | undefined {
  const words: string[] = [];
  let word = '';
  let started = false;
  let mode: Mode = 'plain';
  let i = 0;
  const push = (): void => {
    if (started) words.push(word);
    [word, started] = ['', false];
  };
  for (; i < line.length; i++) {
    const char = line[i] ?? '';
    if (char === '\\' && mode !== 'single') {
      const next = line[++i];
      if (next === undefined) return undefined;
      word += next === 't' ? '\t' : next === 'n' ? '\n' : next;
      started = true;
    } else if (/[ \t\r\n]/.test(char) && mode === 'plain') push();
    else if (mode === 'plain' && /[;&|<>]/.test(char)) break;
    else {
      const step = quoting(char, mode, word);
      if (step === undefined) return undefined;
      mode = step.mode;
      if (step.keep) word += char;
      // A closing quote begins a word too: '' is an empty one.
      started = started || step.keep || step.closed;
    }
  }
  if (mode !== 'plain') return undefined;
  const digit = line[i] === '>' && /^\d/.test(word);
  if (!digit) push();
  return { words, cut: line.slice(i).trim() };
}

interface Step {
  readonly mode: Mode;
  readonly keep: boolean;
  readonly closed: boolean;
}

/** What a character does to the quoting: the mode after it, and whether it belongs to the word. */
function quoting(char: string, mode: Mode, word: string): Step | undefined {
  const toggled = (to: Mode): Mode => (mode === to ? 'plain' : to);
  const inQuotes = mode === 'single' || mode === 'double';
  if (char === '"' && mode !== 'single' && mode !== 'dollar' && mode !== 'back')
    return { mode: toggled('double'), keep: false, closed: mode === 'double' };
  if (char === "'" && mode !== 'double' && mode !== 'dollar' && mode !== 'back')
    return { mode: toggled('single'), keep: false, closed: mode === 'single' };
  if (char === '`' && !inQuotes && mode !== 'dollar') return { mode: toggled('back'), keep: true, closed: false };
  if (char === ')' && !inQuotes && mode !== 'back') return { mode: toggled('dollar'), keep: true, closed: false };
  if (char === '(' && !inQuotes && mode !== 'back') {
    return mode !== 'dollar' && word.endsWith('$') ? { mode: 'dollar', keep: true, closed: false } : undefined;
  }
  return { mode, keep: true, closed: false };
}
