import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A fenced block: what follows its fence (`yaml compose.yaml`), its text, and where it begins. */
export interface Block {
  readonly info: string;
  readonly text: string;
  /** `docs/swarm.md:12` */
  readonly at: string;
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The text without its blocks: a `[x](y)` in one of them is no link. */
  readonly prose: string;
}

/** Every page that people read, in the order of their paths. */
export function pages(): readonly Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const others = ['README.md', 'CONTRIBUTING.md', 'samples/marketplace/README.md', 'test/bed/README.md'];
  return [...others, ...docs].sort().map(pageOf);
}

function pageOf(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open:
    | { readonly fence: string; readonly info: string; readonly line: number; readonly lines: string[] }
    | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(```+)(.*)$/.exec(line);
    if (open !== undefined && line.trimEnd() === open.fence) {
      blocks.push({ info: open.info, text: `${open.lines.join('\n')}\n`, at: `${path}:${open.line}` });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (fence !== null)
      open = { fence: fence[1] ?? '', info: (fence[2] ?? '').trim(), line: index + 1, lines: [] };
    else prose.push(line);
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block has no end`);
  return { path, text, blocks, prose: prose.join('\n') };
}

export interface Link {
  readonly target: string;
  readonly at: string;
}

/** The links of a page, images too. */
export const linksOf = ({ path, prose }: Page): readonly Link[] =>
  [...prose.matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)].map((match) => ({ target: match[1] ?? '', at: path }));

/** The names by which a page's headings can be linked to, as GitHub makes them. */
export const anchorsOf = ({ prose }: Page): ReadonlySet<string> =>
  new Set(
    [...prose.matchAll(/^#+ +(.+)$/gm)].map((match) =>
      (match[1] ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );

/** The cells of every row of the tables below a heading that matches; heads and rules are left out. */
export function rowsOf(page: Page, head: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let inside = false;
  for (const line of page.prose.split('\n')) {
    const isRow = line.startsWith('|');
    const cells = isRow
      ? line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : [];
    if (isRow && cells.join(' | ').startsWith(head)) inside = true;
    else if (!isRow) inside = false;
    else if (inside && !/^-+$/.test(cells[0] ?? '')) rows.push(cells);
  }
  return rows;
}

export interface Saying {
  /** Without `slipway`. */
  readonly words: readonly string[];
  readonly at: string;
}

/** Every command line of Slipway's that a page shows: in its text between backquotes, and in its `sh` blocks. */
export function sayings(page: Page): readonly Saying[] {
  const inline = [...page.prose.matchAll(/`slipway ([^`]+)`/g)].map((match) => ({
    text: match[1] ?? '',
    at: page.path,
  }));
  const shown = page.blocks
    .filter((block) => /^sh\b/.test(block.info))
    .flatMap((block) =>
      [...block.text.matchAll(/^(?:\$ )?(?:sudo )?slipway (.+)$/gm)].map((match) => ({
        text: match[1] ?? '',
        at: block.at,
      })),
    );
  return [...inline, ...shown].map(({ text, at }) => ({
    words:
      text
        .replace(/\s+#.*$/, '')
        .split(/\s*[|<>](?!\w)|\s*&&/)[0]
        ?.trim()
        .split(/\s+/) ?? [],
    at,
  }));
}
