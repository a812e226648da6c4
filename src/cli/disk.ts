import { readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { insideCheckout } from '#domain/compose/checkout.ts';
import type { ComposeFiles } from '#domain/compose/files.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';

/** Every file that this user may read, as `docker compose` on the same machine would. */
export const diskFiles: ComposeFiles = { read: (path) => bytesOf(path)?.toString('utf8') };

/** Reads files below `root`, and refuses all others: what the server will see of the checkout. */
export function readerBelow(root: string): (path: string) => Buffer | undefined {
  return (path) => {
    const inside = insideCheckout(root, isAbsolute(path) ? path : join(root, path));
    const content = bytesOf(join(root, inside));
    if (content !== undefined) refuseEscape(root, inside);
    return content;
  };
}

function refuseEscape(root: string, inside: string): void {
  const real = relative(realpathSync(root), realpathSync(join(root, inside)));
  if (real !== '..' && !real.startsWith(`..${sep}`)) return;
  throw new SlipwayError(
    'compose.outside_checkout',
    `${inside} leads out of the checkout by a symlink`,
    'on the server only files of the commit exist: put the file into the repository',
  );
}

/** A file's content, `undefined` where there is none. @throws SlipwayError `compose.unreadable` */
export function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const why = code === 'EISDIR' ? 'is a folder' : `cannot be read: ${messageOf(thrown)}`;
    throw new SlipwayError('compose.unreadable', `${path} ${why}`, undefined, thrown);
  }
}
