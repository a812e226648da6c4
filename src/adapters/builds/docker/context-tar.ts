import { createReadStream } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';

/** Build caches look at content, never at times; this one makes the same tar of the same commit. */
const mtime = new Date('2000-01-01T00:00:00Z');

export interface TarContent {
  readonly checkout: string;
  /** Relative to the checkout, all below `prefix`. */
  readonly files: readonly string[];
  /** Is taken off the names: the context's folder with '/' at its end, or nothing. */
  readonly prefix: string;
  /** Files that are not in the checkout, by name. They replace those of the same name. */
  readonly extra: Readonly<Record<string, string>>;
}

/**
 * A build context as a tar, made while it is read. Symlinks stay symlinks, whatever they point to; of permissions only
 * 'may be executed' is kept, as git does. An error of the disk destroys the stream with it.
 */
export function contextTar(content: TarContent, signal: AbortSignal): Readable {
  const tar = pack();
  fill(tar, content, signal).then(
    () => tar.finalize(),
    (error) => tar.destroy(error),
  );
  return Readable.from(tar, { objectMode: false });
}

async function fill(tar: Pack, { checkout, files, prefix, extra }: TarContent, signal: AbortSignal): Promise<void> {
  for (const file of [...files].sort()) {
    signal.throwIfAborted();
    const name = file.slice(prefix.length);
    if (!Object.hasOwn(extra, name)) await add(tar, name, join(checkout, file), signal);
  }
  for (const [name, text] of Object.entries(extra)) await put(tar, { name, mode: 0o644 }, text);
}

async function add(tar: Pack, name: string, path: string, signal: AbortSignal): Promise<void> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return put(tar, { name, type: 'symlink', linkname: await readlink(path), mode: 0o777 });
  if (!stats.isFile()) return; // a submodule's empty folder
  const mode = stats.mode & 0o100 ? 0o755 : 0o644;
  if (stats.size === 0) return put(tar, { name, mode }, '');
  const entry = tar.entry({ ...owner, name, mode, size: stats.size });
  await pipeline(createReadStream(path), entry, { signal });
}

const owner = { uid: 0, gid: 0, mtime };

function put(tar: Pack, header: Partial<Header> & { readonly name: string }, text?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (text === undefined) tar.entry({ ...owner, ...header }, done);
    else tar.entry({ ...owner, ...header }, text, done);
  });
}
