import { posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { ComposeFiles } from './files.ts';

/**
 * Files of one checkout and nothing else: a path outside `root` is refused before anything is read. `read` gets the
 * path relative to the root; that symlinks do not lead out is its matter.
 */
export function checkoutFiles(root: string, read: (relative: string) => string | undefined): ComposeFiles {
  return { read: (path) => read(insideCheckout(root, path)) };
}

/** A path relative to the checkout's root. @throws SlipwayError `compose.outside_checkout` */
export function insideCheckout(root: string, path: string): string {
  const relative = posix.relative(posix.normalize(root), posix.normalize(path));
  const leaves = relative === '..' || relative.startsWith('../') || posix.isAbsolute(relative);
  if (!posix.isAbsolute(path) || leaves || relative === '' || path.includes('\0')) {
    throw new SlipwayError(
      'compose.outside_checkout',
      `'${path}' is outside the checkout`,
      'keep the file in the repository and name it by a relative path',
    );
  }
  return relative;
}
