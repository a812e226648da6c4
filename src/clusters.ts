import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { checkoutBuilder } from '#adapters/builds/checkout/checkout-builder.ts';
import type { RegistryCredentials } from '#adapters/builds/contract.ts';
import { credentialsFor } from '#adapters/builds/docker/credentials.ts';
import { dockerBuilder } from '#adapters/builds/docker/docker-builder.ts';
import { imageResolver } from '#adapters/builds/docker/pin.ts';
import { parseReference } from '#adapters/builds/docker/reference.ts';
import { type LocalEngine, localEngine } from '#adapters/engines/local/local.ts';
import { swarmSettings } from '#adapters/engines/swarm/settings.ts';
import { swarmEngine } from '#adapters/engines/swarm/swarm.ts';
import { SlipwayError } from '#domain/errors.ts';
import { canonical } from '#domain/stack/hash.ts';
import { type Cluster, findCluster, listClusters, saveCluster } from '#store/clusters.ts';
import type { Store } from '#store/database.ts';
import { listRegistries } from '#store/registries.ts';
import { derive } from '#store/sealing.ts';
import type { ClusterAdapters, Clusters } from '#workflows/context.ts';

export interface ClusterOptions {
  readonly store: Store;
  readonly dataDirectory: string;
  readonly log: (line: string) => void;
}

/** The engine, builder and registry of each cluster, opened when first asked for and kept until its settings change. */
export function openClusters(options: ClusterOptions): Clusters {
  const { store } = options;
  const open = new Map<string, Promise<ClusterAdapters & { readonly local?: LocalEngine }>>();
  const get = (name: string) => {
    const opening = open.get(name) ?? adaptersOf(options, name);
    open.set(name, opening);
    // one that could not be opened is tried again the next time
    opening.catch(() => open.delete(name));
    return opening;
  };
  return {
    get,
    forget: async (name) => {
      const known = open.get(name);
      open.delete(name);
      await known?.then(({ engine }) => engine.close());
    },
    haltLocal: async (signal) => {
      for (const cluster of await store.read((db) => listClusters(db, store.key))) {
        if (cluster.engine === 'local') await (await get(cluster.name)).local?.halt(signal);
      }
    },
    close: async () => {
      const all = await Promise.allSettled(open.values());
      for (const item of all) if (item.status === 'fulfilled') await item.value.engine.close();
    },
  };
}

/** The cluster `local`, on this machine, is there from the start. */
export async function ensureLocalCluster(store: Store): Promise<void> {
  const found = await store.read((db) => findCluster(db, store.key, 'local'));
  if (found === null)
    await store.transaction((tx) =>
      saveCluster(tx, store.key, { name: 'local', engine: 'local', settings: {}, credential: null }),
    );
}

async function adaptersOf(
  options: ClusterOptions,
  name: string,
): Promise<ClusterAdapters & { readonly local?: LocalEngine }> {
  const { store } = options;
  const cluster = await store.read((db) => findCluster(db, store.key, name));
  if (cluster === null)
    throw new SlipwayError(
      'not_found',
      `there is no cluster '${name}'`,
      'list them with `slipway cluster ls`, register one with `slipway cluster add`',
    );
  return cluster.engine === 'local' ? localAdapters(options) : swarmAdapters(options, cluster);
}

async function localAdapters({
  store,
  dataDirectory,
  log,
}: ClusterOptions): Promise<ClusterAdapters & { readonly local: LocalEngine }> {
  const artifactsDirectory = join(dataDirectory, 'artifacts');
  const onTrouble = (error: unknown): void => log(`local engine: ${String(error)}`);
  const local = await localEngine({
    dataDirectory: join(dataDirectory, 'local'),
    artifactsDirectory,
    versionKey: derive(store.key, 'versions'),
    onTrouble,
  });
  return { registry: null, engine: local, local, builder: checkoutBuilder({ artifactsDirectory }), images: null };
}

function swarmAdapters({ store }: ClusterOptions, cluster: Cluster): ClusterAdapters {
  const { socketPath, registry, probeImage, ipvs } = swarmSettings.parse(cluster.settings);
  const known = registryCache(store);
  const labelKey = derive(store.key, 'labels');
  const engine = swarmEngine({
    engine: { socketPath },
    versionKey: derive(store.key, 'versions'),
    specHash: (value) => createHmac('sha256', labelKey).update(canonical(value)).digest('hex').slice(0, 32),
    registryAuth: (reference) => {
      const found = credentialsFor(parseReference(reference).host, known.latest());
      return found && { username: found.username, password: found.password, serveraddress: found.host };
    },
    ...(probeImage === null ? {} : { probeImage }),
    ...(ipvs === null ? {} : { ipvs }),
  });
  const address = { socketPath, credentials: known.read };
  return {
    registry,
    engine,
    builder: dockerBuilder({ ...address, registry: registry === null ? null : { prefix: registry } }),
    images: imageResolver(address),
  };
}

/** Credentials as they were last read: every build and pin reads them, before a service is made. */
function registryCache(store: Store) {
  let last: readonly RegistryCredentials[] = [];
  const read = async (): Promise<readonly RegistryCredentials[]> => {
    const rows = await store.read((db) => listRegistries(db, store.key));
    last = rows.map(({ host, username, password }) => ({ host, username, password: password.reveal() }));
    return last;
  };
  return { read, latest: () => last };
}
