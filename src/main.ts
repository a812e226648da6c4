import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { slackChannel } from '#adapters/notify/slack.ts';
import { gitSources } from '#adapters/sources/git/git-sources.ts';
import { type Api, startApi } from '#api/server.ts';
import { openStore, type Store } from '#store/database.ts';
import { lockData } from '#store/embedded/lock.ts';
import { type EmbeddedServer, startEmbedded } from '#store/embedded/server.ts';
import { derive, loadKey } from '#store/sealing.ts';
import type { Clusters } from '#workflows/context.ts';
import { defineWorkflows } from '#workflows/workflows.ts';
import { ensureLocalCluster, openClusters } from './clusters.ts';

export interface ServerOptions {
  /** One folder for everything: key, database, repositories, artifacts, local instances. */
  readonly dataDirectory: string;
  /** A PostgreSQL of one's own; `null`: the embedded one. */
  readonly databaseUrl: string | null;
  readonly host: string;
  readonly port: number;
  readonly log: (line: string) => void;
}

export interface Server {
  readonly url: string;
  /** Stops cleanly. Instances go on running; with `all` the local ones stop too. The embedded database stops with it. */
  stop(options: { readonly all: boolean }): Promise<void>;
}

/**
 * Puts the parts together and starts them: lock, key, database, adapters, workflows, API.
 * @throws SlipwayError `data.locked`, `store.unavailable`, `secret.wrong_key`, and what the parts throw
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dataDirectory, log } = options;
  await mkdir(dataDirectory, { recursive: true, mode: 0o711 });
  const lock = await lockData(dataDirectory);
  const undo: (() => Promise<unknown>)[] = [() => lock.release()];
  try {
    const embedded = options.databaseUrl === null ? await startEmbedded({ directory: dataDirectory }) : null;
    if (embedded) undo.push(async () => embedded.release());
    const store = await openStore({
      url: options.databaseUrl ?? embedded?.url ?? '',
      key: await loadKey(dataDirectory),
    });
    undo.push(() => store.close());
    await ensureLocalCluster(store);
    const clusters = openClusters({ store, dataDirectory, log });
    undo.push(() => clusters.close());
    const parts = await startParts(options, store, clusters);
    undo.push(() => parts.stop());
    return { url: parts.api.url, stop: (how) => stop(undo, clusters, embedded, how.all) };
  } catch (thrown) {
    for (const act of undo.reverse()) await act().catch(() => undefined);
    throw thrown;
  }
}

async function startParts(
  options: ServerOptions,
  store: Store,
  clusters: Clusters,
): Promise<{ readonly api: Api; stop(): Promise<void> }> {
  const { dataDirectory, log, host, port } = options;
  const sources = gitSources({ directory: join(dataDirectory, 'git') });
  const workflows = defineWorkflows({
    store,
    sources,
    cluster: (name) => clusters.get(name),
    versionKey: derive(store.key, 'versions'),
    channel: (_, url) => slackChannel(url),
    publicUrl: null,
    log,
  });
  await workflows.start();
  const api = await startApi({ store, sources, workflows, clusters, dataDirectory, host, port, log });
  const stopParts = async (): Promise<void> => {
    await api.close();
    await workflows.stop();
  };
  return { api, stop: stopParts };
}

async function stop(
  undo: (() => Promise<unknown>)[],
  clusters: Clusters,
  embedded: EmbeddedServer | null,
  all: boolean,
): Promise<void> {
  if (all) await clusters.haltLocal(AbortSignal.timeout(60_000));
  const [release, ...rest] = undo;
  for (const act of rest.reverse()) await act();
  await embedded?.stop();
  await release?.();
}
