/**
 * Matches a path or a name against a glob: `*` and `?` stay within one segment, `**` crosses them, `{a,b}` are alternatives.
 * A pattern that ends in `/` means everything below.
 */
export function matchesGlob(text: string, glob: string): boolean {
  return new RegExp(`^${source(glob.endsWith('/') ? `${glob}**` : glob)}$`, 's').test(text);
}

function source(glob: string): string {
  return glob
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^{}]*)\}/g, (_, list: string) => `(?:${list.split(',').join('|')})`)
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      (wild) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[wild] ?? wild,
    );
}
