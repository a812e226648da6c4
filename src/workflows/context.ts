import type { Builder, ImageResolver } from '#adapters/builds/contract.ts';
import type { Engine } from '#adapters/engines/contract.ts';
import type { Channel } from '#adapters/notify/contract.ts';
import type { Sources } from '#adapters/sources/contract.ts';
import type { Store } from '#store/database.ts';
import { projectSecrets } from '#store/variables.ts';

/** What runs stacks in one cluster, and what makes their artifacts. */
export interface ClusterAdapters {
  /** Where images go that name no registry; `null`: they stay where they were built. */
  readonly registry: string | null;
  readonly engine: Engine;
  readonly builder: Builder;
  /** `null`: the engine runs no images. */
  readonly images: ImageResolver | null;
}

/** The engines of all registered clusters, each opened when it is first asked for. */
export interface Clusters {
  /** @throws SlipwayError `not_found` */
  get(name: string): Promise<ClusterAdapters>;
  /** Lets go of one whose settings changed. */
  forget(name: string): Promise<void>;
  /** Stops every local instance, for `slipway down --all`. */
  haltLocal(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Everything the workflows act with; main.ts puts it together. */
export interface Context {
  readonly store: Store;
  readonly sources: Sources;
  /** @throws SlipwayError `not_found` for a cluster that nobody registered. */
  cluster(name: string): Promise<ClusterAdapters>;
  /** The key of `versionedName`. */
  readonly versionKey: Uint8Array;
  channel(kind: string, url: string): Channel;
  /** Where people find this server, for links in notices; `null`: nowhere. */
  readonly publicUrl: string | null;
  readonly log: (line: string) => void;
}

/**
 * The secret values to be masked in all that is shown of an environment: those of its whole project, also as they were before
 * they were changed, since they still stand in what runs and in what was recorded.
 */
export async function secretsOf({ store }: Context, project: string): Promise<readonly string[]> {
  return store.read((db) => projectSecrets(db, store.key, project));
}
