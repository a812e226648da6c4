import { join } from 'node:path';
import { localEngine } from '#adapters/engines/local/local.ts';
import { lockData } from '#store/embedded/lock.ts';
import { stopEmbedded } from '#store/embedded/server.ts';
import { derive, loadKey } from '#store/sealing.ts';

/** What `stopLeftBehind` found and stopped. */
export interface LeftBehind {
  readonly database: boolean;
  readonly instances: boolean;
}

/**
 * Stops what a killed server left on its data folder: the embedded database; with `all` the local instances too.
 * @throws SlipwayError `data.locked` where a server works on the folder still
 */
export async function stopLeftBehind(dataDirectory: string, options: { readonly all: boolean }): Promise<LeftBehind> {
  const lock = await lockData(dataDirectory);
  try {
    if (options.all) await haltLocal(dataDirectory);
    return { database: await stopEmbedded({ directory: dataDirectory }), instances: options.all };
  } finally {
    await lock.release();
  }
}

async function haltLocal(dataDirectory: string): Promise<void> {
  const engine = await localEngine({
    dataDirectory: join(dataDirectory, 'local'),
    artifactsDirectory: join(dataDirectory, 'artifacts'),
    versionKey: derive(await loadKey(dataDirectory), 'versions'),
  });
  try {
    await engine.halt(AbortSignal.timeout(60_000));
  } finally {
    await engine.close();
  }
}
