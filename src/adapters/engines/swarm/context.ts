import type { EngineApi } from './api.ts';
import type { Ground } from './endpoint.ts';
import type { BindSource } from './mounts.ts';

/** Docker's AuthConfig. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** What every part of this engine works with. */
export interface Swarm {
  readonly api: EngineApi;
  readonly versionKey: Uint8Array;
  readonly specHash: (value: unknown) => string;
  readonly registryAuth: (reference: string) => RegistryAuth | undefined;
  readonly bindSource: BindSource;
  readonly probeImage: string;
  ground(signal: AbortSignal): Promise<Ground>;
}
