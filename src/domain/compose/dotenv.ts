import { type Lookup, substitute, TemplateError } from './interpolate.ts';

/** A `.env` file that cannot be read; `line` counts from 1. */
export class DotenvError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Parses a `.env` file in Compose's dialect: `export K=`, `K: v`, ` #` comments, quotes that span lines. Bare and
 * double-quoted values see `outside` first, then earlier lines; a lone `K` takes its value from outside or is absent.
 * @throws DotenvError
 */
export function parseDotenv(text: string, outside: Lookup): Map<string, string> {
  const out = new Map<string, string>();
  const lookup: Lookup = (name) => outside(name) ?? out.get(name);
  let rest = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const total = rest.length;
  const whole = rest;
  const line = (): number => whole.slice(0, total - rest.length).split('\n').length;
  for (rest = statement(rest); rest !== ''; rest = statement(rest)) {
    const [key, value, after] = one(rest, line, lookup);
    if (value !== undefined) out.set(key, value);
    else {
      const inherited = outside(key);
      if (inherited !== undefined) out.set(key, inherited);
    }
    rest = after;
  }
  return out;
}

/** Skips blank lines and comment lines. */
function statement(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith('#')) {
    const end = rest.indexOf('\n');
    rest = end < 0 ? '' : rest.slice(end).trimStart();
  }
  return rest;
}

/** Key, value (undefined: inherited) and what follows. */
function one(text: string, line: () => number, lookup: Lookup): [string, string | undefined, string] {
  const source = text.replace(/^export\s+/, '');
  const end = source.search(/[=:\n]/);
  const key = source.slice(0, end < 0 ? source.length : end).trim();
  const bad = /[^\p{L}\p{N}_.\-[\]\s]/u.exec(key);
  if (bad !== null) throw new DotenvError(line(), `unexpected character '${bad[0]}' in the name '${key}'`);
  if (/\s/.test(key)) throw new DotenvError(line(), `the name '${key}' contains a space`);
  if (end < 0 || source[end] === '\n') return [key, undefined, end < 0 ? '' : source.slice(end + 1)];
  const [value, after] = valueAt(source.slice(end + 1).replace(/^[ \t\v\f\r\u0085\u00A0]+/, ''), line, lookup);
  return [key, value, after];
}

function valueAt(text: string, line: () => number, lookup: Lookup): [string, string] {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") {
    const end = text.indexOf('\n');
    const [bare = ''] = (end < 0 ? text : text.slice(0, end)).split(' #');
    return [expand(bare.trimEnd(), line, lookup), end < 0 ? '' : text.slice(end + 1)];
  }
  let value = '';
  for (let i = 1; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === quote) return [quote === '"' ? expand(unescapeText(value), line, lookup) : value, text.slice(i + 1)];
    if (char === '\\' && i + 1 < text.length) {
      i++;
      value += text[i] === quote ? quote : `\\${text[i]}`;
    } else value += char;
  }
  throw new DotenvError(line(), `the quoted value ${text.split('\n', 1)[0]} has no end`);
}

function expand(value: string, line: () => number, lookup: Lookup): string {
  try {
    return substitute(value, lookup);
  } catch (error) {
    if (error instanceof TemplateError) throw new DotenvError(line(), error.message);
    throw error;
  }
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  c: '\\c',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  $: '$$',
  '"': '"',
  '\\': '\\',
};

/** Shell escapes inside double quotes; `\$` becomes `$$`, which interpolation turns into `$`. */
function unescapeText(value: string): string {
  return value.replace(/\\(?:0([0-7]{1,3})|([abcfnrtv$"\\]))/g, (_, octal: string | undefined, letter: string) =>
    octal === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Lines of an env_file with `format: raw`: no quotes, no interpolation. */
export function parseRawEnv(text: string, outside: Lookup): Map<string, string> {
  const out = new Map<string, string>();
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const cut = line.indexOf('=');
    const key = cut < 0 ? line : line.slice(0, cut);
    const value = cut < 0 ? outside(key) : line.slice(cut + 1);
    if (value !== undefined) out.set(key, value);
  }
  return out;
}
