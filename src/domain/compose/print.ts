import type { ComposeProject } from './model.ts';

/**
 * The model as `docker compose config --format json` prints it, keys sorted. `doubleDollars`: with every `$` doubled,
 * as there, so that the output can be loaded again.
 */
export function printProject(
  project: ComposeProject | Readonly<Record<string, unknown>>,
  options: { readonly doubleDollars?: boolean } = {},
): string {
  const text = JSON.stringify(sorted(project), null, 2);
  return `${options.doubleDollars === true ? text.replaceAll('$', '$$$$') : text}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
