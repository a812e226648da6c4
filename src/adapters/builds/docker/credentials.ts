import type { RegistryCredentials } from '../contract.ts';
import { registryHost } from './reference.ts';

/** Asked each time, so that a login of today counts for the next build. */
export type CredentialsSource = () => readonly RegistryCredentials[] | Promise<readonly RegistryCredentials[]>;

/** What the engine wants to know to speak to one registry. */
export interface EngineAuth {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** The credentials for a host, never another's. */
export function credentialsFor(host: string, all: readonly RegistryCredentials[]): RegistryCredentials | undefined {
  const wanted = registryHost(host);
  return all.find((one) => registryHost(one.host) === wanted);
}

/** A registry’s credentials as the Engine API takes them. */
export function engineAuth({ host, username, password }: RegistryCredentials): EngineAuth {
  const name = registryHost(host);
  return { username, password, serveraddress: name === 'docker.io' ? hubAddress : name };
}

/** By which the engine and Docker's own tools know Docker Hub's credentials. */
const hubAddress = 'https://index.docker.io/v1/';

/** All of them, as the classic builder wants them: by address. */
export function registryConfig(all: readonly RegistryCredentials[]): Record<string, EngineAuth> {
  return Object.fromEntries(all.map(engineAuth).map((auth) => [auth.serveraddress, auth]));
}
