import { jsonIn } from '../json.ts';

/** What an instance's /info says of its commit. */
export type InfoVerdict =
  | { readonly at: 'match'; readonly found: string; readonly field: string }
  | { readonly at: 'mismatch'; readonly found: string; readonly field: string }
  | { readonly at: 'absent'; readonly why: string };

/** Where the commit stands in an answer if nobody says: the paths are tried in this order. */
export const defaultInfoField = 'result.commitHash,commitHash';

/**
 * Compares the commit in an answer of GET /info with the artifact's. `field`: paths with dots, separated by commas, tried
 * in order; a value on the way may itself be JSON in a text. At least 7 digits of the commit must be there; the status is
 * not looked at. Source: requirement 5.3.
 */
export function compareInfo(body: string, field: string, commit: string): InfoVerdict {
  const answer = jsonIn(body);
  if (answer === undefined)
    return { at: 'absent', why: `its answer is not JSON: ${body.trim().slice(0, 80) || 'empty'}` };
  for (const path of field.split(',').map((part) => part.trim())) {
    const value = valueAt(answer, path.split('.'));
    if (value === undefined || value === null || value === '') continue;
    const found = String(value).trim().toLowerCase();
    if (!/^[0-9a-f]{7,64}$/.test(found))
      return { at: 'absent', why: `'${path}' is '${String(value)}', which is no commit` };
    const same = commit.toLowerCase().startsWith(found) || found.startsWith(commit.toLowerCase());
    return { at: same ? 'match' : 'mismatch', found, field: path };
  }
  return { at: 'absent', why: `there is no '${field.replaceAll(',', "' or '")}' in its answer` };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const map = typeof value === 'string' ? jsonIn(value) : value;
  if (map === null || typeof map !== 'object' || !Object.hasOwn(map, first)) return undefined;
  return valueAt((map as Record<string, unknown>)[first], rest);
}
