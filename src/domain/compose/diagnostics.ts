import { SlipwayError } from '../errors.ts';
import type { Place } from './node.ts';
import { positionOf } from './source.ts';

/** Something wrong, or worth a warning, at a place in a Compose file. */
export interface Diagnostic {
  /** Absolute path of the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Where in the model, as in `services.web.ports[0]`; empty at the top. */
  readonly path: string;
  readonly message: string;
  /** What to do: the nearest known key, the form that is meant. */
  readonly hint?: string | undefined;
  /** The leniency that let it pass (see leniencies.ts); only in warnings. */
  readonly leniency?: string | undefined;
}

/** One finding about a place in a file: `path` is the key’s, dotted. */
export function diagnostic(at: Place, path: string, message: string, hint?: string): Diagnostic {
  const { line, column } = positionOf(at.source, at.offset);
  return { file: at.source.file, line, column, path, message, ...(hint === undefined ? {} : { hint }) };
}

/** `compose.yaml:3:5: services.web.imagee: unknown key (did you mean 'image'?)` */
export function formatDiagnostic(d: Diagnostic): string {
  const where = d.path === '' ? '' : `${d.path}: `;
  return `${d.file}:${d.line}:${d.column}: ${where}${d.message}${d.hint === undefined ? '' : ` (${d.hint})`}`;
}

/** A Compose file that cannot be loaded. The message names the first few problems, `diagnostics` holds them all. */
export class ComposeError extends SlipwayError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const shown = diagnostics.slice(0, 10).map(formatDiagnostic);
    const more = diagnostics.length - shown.length;
    super('compose.invalid', [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), diagnostics[0]?.hint);
    this.name = 'ComposeError';
    this.diagnostics = diagnostics;
  }
}

/** An error with one diagnostic. */
export const composeError = (at: Place, path: string, message: string, hint?: string): ComposeError =>
  new ComposeError([diagnostic(at, path, message, hint)]);

/** The known key that is nearest to a mistyped one, when it is near: at most a third of its letters differ. */
export function nearest(key: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(key.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(plain(key), plain(candidate), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

const plain = (key: string): string => key.toLowerCase().replace(/[-_]/g, '');

/** Letters to insert, remove, change or swap with their neighbour; `limit` when it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let n = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) n = Math.min(n, (before[j - 2] ?? 0) + 1);
      row.push(n);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? limit;
}
