/** A map without the keys that say nothing: `null`, `false`, empty maps and lists. Only its own keys, not those below. */
export function said(map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(map).filter(([, item]) => says(item)));
}

const says = (item: unknown): boolean => {
  if (item === null || item === undefined || item === false) return false;
  if (Array.isArray(item)) return item.length > 0;
  return typeof item !== 'object' || Object.keys(item).length > 0;
};
