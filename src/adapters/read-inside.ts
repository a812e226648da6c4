import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** What a path in a folder of others' making turned out to be. */
export type Found =
  | { readonly kind: 'file'; readonly content: Buffer }
  | { readonly kind: 'folder' }
  | { readonly kind: 'absent' }
  /** `..`, or a symlink, led out of the folder (or is absolute: it would lead elsewhere on another machine). */
  | { readonly kind: 'outside'; readonly link: string | null }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** A device, socket or pipe; a loop of symlinks; no permission. */
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads a file of a folder whose content others decide, following symlinks only as long as they stay in it. Nothing
 * outside is opened, or asked whether it exists. Nobody may write to the folder meanwhile.
 * @param relative path from `root`, with '/'
 */
export function readInside(root: string, relative: string, maxBytes: number): Found {
  const place = locate(root, relative.split('/'));
  if (place.kind !== 'at') return place;
  try {
    return readRegular(place.path, maxBytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unreadable', why: code };
  }
}

type Place = { readonly kind: 'at'; readonly path: string } | Exclude<Found, { kind: 'file' | 'folder' | 'too-large' }>;

const mostLinks = 40; // as Linux

function locate(root: string, segments: readonly string[]): Place {
  const waiting = [...segments].reverse();
  const at: string[] = [];
  let links = 0;
  let last: string | null = null;
  for (let segment = waiting.pop(); segment !== undefined; segment = waiting.pop()) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      if (at.pop() === undefined) return { kind: 'outside', link: last };
      continue;
    }
    const path = join(root, ...at, segment);
    const target = linkTarget(path);
    if (target === 'absent') return { kind: 'absent' };
    if (target === null) {
      at.push(segment);
      continue;
    }
    links += 1;
    last = [...at, segment].join('/');
    if (links > mostLinks) return { kind: 'unreadable', why: 'too many symlinks' };
    if (isAbsolute(target.link)) return { kind: 'outside', link: last };
    waiting.push(...target.link.split('/').reverse());
  }
  return { kind: 'at', path: join(root, ...at) };
}

function linkTarget(path: string): { readonly link: string } | null | 'absent' {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) return 'absent';
    return stats.isSymbolicLink() ? { link: readlinkSync(path) } : null;
  } catch {
    return 'absent'; // a file where the path wants a folder, a name too long
  }
}

function readRegular(path: string, maxBytes: number): Found {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { kind: 'folder' };
    if (!stats.isFile()) return { kind: 'unreadable', why: 'not a regular file' };
    if (stats.size > maxBytes) return { kind: 'too-large', bytes: stats.size };
    const content = Buffer.alloc(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < stats.size; length += read)
      read = readSync(file, content, length, stats.size - length, length);
    return { kind: 'file', content: content.subarray(0, length) };
  } finally {
    closeSync(file);
  }
}
