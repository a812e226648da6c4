import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import { readInside } from '../read-inside.ts';

const maxBytes = 1024 * 1024;

/**
 * The Compose loader's view of one commit: absolute paths below `root` and nothing else, so that a pushed
 * `env_file: /etc/shadow`, `extends: ../../x` or symlink reaches nothing.
 * @returns a function giving a file's text, `undefined` where there is no such file.
 * It throws SlipwayError `compose.outside_checkout`; `compose.unreadable` for a folder, a device, over 1 MiB.
 */
export function checkoutReader(root: string): (path: string) => string | undefined {
  const read = checkoutBytes(root);
  return (path) => read(path)?.toString('utf8');
}

/** The same without taking a file for text: a config or secret may be a keystore. */
export function checkoutBytes(root: string): (path: string) => Buffer | undefined {
  const base = resolve(root);
  return (path) => {
    const inside = relative(base, isAbsolute(path) ? path : join(base, path));
    if (path.includes('\0') || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw outside(path, null);
    const found = readInside(base, inside, maxBytes);
    switch (found.kind) {
      case 'file':
        return found.content;
      case 'absent':
        return undefined;
      case 'outside':
        throw outside(inside, found.link);
      case 'folder':
        throw unreadable(inside, 'is a folder');
      case 'too-large':
        throw unreadable(inside, `has ${found.bytes} bytes; ${maxBytes} are allowed`);
      case 'unreadable':
        throw unreadable(inside, `cannot be read: ${found.why}`);
    }
  };
}

function outside(path: string, link: string | null): SlipwayError {
  const what = link === null || link === path ? path : `${path} (by the symlink ${link})`;
  return new SlipwayError(
    'compose.outside_checkout',
    `${what} leads out of the checkout`,
    'on the server only files of the commit exist: put the file into the repository',
  );
}

function unreadable(path: string, why: string): SlipwayError {
  return new SlipwayError('compose.unreadable', `${path} ${why}`);
}
