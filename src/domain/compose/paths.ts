import { posix } from 'node:path';
import type { Source } from './source.ts';

/** An absolute path, on this kind of machine or on Windows. */
export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]|^\\\\/.test(path);

/** A path in a file, made absolute: `~` is the home directory, anything relative starts at the file's directory. */
export function absolutePath(path: string, source: Source): string {
  const expanded = expandHome(path, source);
  return isAbsolute(expanded) ? expanded : cleanPath(posix.join(source.directory, expanded));
}

function expandHome(path: string, source: Source): string {
  const home = source.environment.HOME;
  if (!path.startsWith('~') || home === undefined) return path;
  // As docker compose: `~user` is the home directory with `user` appended.
  return posix.join(home, path.slice(1));
}

/** A path without `.`, `..` and a slash at its end. */
export const cleanPath = (path: string): string => posix.normalize(path).replace(/(.)\/$/, '$1');

/** A build context: URLs, git remotes and other services' builds stay as they are. */
export function contextPath(context: string, source: Source): string {
  if (context.includes('://') || /^(?:service:|github\.com\/|git@)/.test(context)) return context;
  return absolutePath(context, source);
}
