import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Trouble } from './trouble.ts';

/** Where everything lies that the demo makes. */
export interface Folder {
  readonly path: string;
  /** Removes it, if it was made for this run. */
  remove(): void;
}

/**
 * The folder that was named, else a new one: below the user's cache folder, or, for root, where the database's own user can
 * reach it, since PostgreSQL refuses root.
 * @throws Trouble
 */
export function openFolder(named: string | null): Folder {
  if (named !== null) {
    mkdirSync(named, { recursive: true, mode: 0o711 });
    return { path: resolve(named), remove: () => undefined };
  }
  const parent = parentFolder();
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(parent, 'slipway-demo-'));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

function parentFolder(): string {
  if (process.getuid?.() !== 0) return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  // not the temporary folder first: it may be memory, and is emptied at every start
  const found = ['/var/tmp', '/tmp', '/var/lib'].find(isOpenToAll);
  if (found !== undefined) return found;
  throw new Trouble('there is no folder that both root and the database’s user can reach', 'name one with --folder');
}

function isOpenToAll(folder: string): boolean {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isOpenToAll(dirname(folder));
}
