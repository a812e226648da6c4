import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { slackChannel } from '#adapters/notify/slack.ts';
import { gitSources } from '#adapters/sources/git/git-sources.ts';
import type { System } from '#api/parts.ts';
import { type Api, startApi } from '#api/server.ts';
import { version } from '#domain/version.ts';
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
  /** Resolves once it has stopped, by `stop` or by a request for it. @throws what kept it from stopping cleanly */
  readonly stopped: Promise<void>;
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
    const ending = onceStopped((all) => stop(undo, clusters, embedded, all));
    const system = { version, startedAt: Date.now(), isEmbedded: embedded !== null, shutdown: ending.beginQuietly };
    const parts = await startParts(options, { store, clusters, system });
    undo.push(() => parts.stop());
    return { url: parts.api.url, stop: ({ all }) => ending.begin(all), stopped: ending.stopped };
  } catch (thrown) {
    for (const act of undo.reverse()) await act().catch(() => undefined);
    throw thrown;
  }
}

/** Stops once, whoever asks and however often. */
function onceStopped(act: (all: boolean) => Promise<void>) {
  let begun: Promise<void> | undefined;
  let settle: (ending: Promise<void>) => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    settle = resolve;
  });
  // who does not wait for it is told nothing
  stopped.catch(() => undefined);
  const begin = (all: boolean): Promise<void> => {
    begun ??= act(all);
    settle(begun);
    return begun;
  };
  const beginQuietly = (all: boolean): void => {
    // whoever waits for `stopped` is told
    begin(all).catch(() => undefined);
  };
  return { begin, beginQuietly, stopped };
}

async function startParts(
  options: ServerOptions,
  { store, clusters, system }: { readonly store: Store; readonly clusters: Clusters; readonly system: System },
): Promise<{ readonly api: Api; stop(): Promise<void> }> {
  const { dataDirectory, log, host, port } = options;
  const channel = (_: string, url: string) => slackChannel(url);
  const sources = gitSources({ directory: join(dataDirectory, 'git') });
  const workflows = defineWorkflows({
    store,
    sources,
    cluster: (name) => clusters.get(name),
    versionKey: derive(store.key, 'versions'),
    channel,
    publicUrl: null,
    log,
  });
  await workflows.start();
  const api = await startApi({
    store,
    sources,
    workflows,
    clusters,
    system,
    channel,
    dataDirectory,
    host,
    port,
    log,
  }).catch(async (thrown: unknown) => {
    // a port that is taken: what began already would keep the process alive
    await workflows.stop();
    throw thrown;
  });
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
