import type { StackName } from '#domain/stack-name.ts';
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
  /** Id → name of every network; services of the stack that are written at the same time share one answer. */
  networkNames(stack: StackName, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}
