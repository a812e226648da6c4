import { posix } from 'node:path';

/** A path below the checkout's root as `./x` (the root itself `.`); any other absolute path stays as it is. */
export function fromRoot(root: string, path: string): string {
  // `posix.relative` would take another path for one below the process's own folder
  if (!posix.isAbsolute(path)) return path;
  const relative = posix.relative(root, path);
  if (relative === '') return '.';
  return relative === '..' || relative.startsWith('../') ? path : `./${relative}`;
}

/** The same without the `./`: as git lists it. @returns `null` for a path outside the root. */
export function insideRoot(root: string, path: string): string | null {
  const found = fromRoot(root, path);
  if (found === '.') return '.';
  return found.startsWith('./') ? found.slice(2) : null;
}
