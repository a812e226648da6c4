import type Docker from 'dockerode';
import { SlipwayError } from '#domain/errors.ts';
import { diskFull } from '../build-failed.ts';
import { type CredentialsSource, credentialsFor, engineAuth } from './credentials.ts';
import { callEngine, eachMessage, engineMessage, statusOf } from './engine.ts';
import { parseReference } from './reference.ts';

/**
 * Pushes an image that the engine has under this reference.
 * @returns the manifest's digest, `sha256:…`. @throws SlipwayError `registry.denied`, `registry.unreachable`
 */
export async function pushImage(
  docker: Docker,
  reference: string,
  credentials: CredentialsSource,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const { host, name, tag } = parseReference(reference);
  const known = credentialsFor(host, await credentials());
  const path = `/images/${name}/push?`;
  const query = { tag: tag ?? 'latest' };
  output(`pushing ${reference}`);
  let digest: string | undefined;
  let error: string | undefined;
  try {
    // without the header, empty though it may be, older engines refuse
    const stream = await callEngine(
      docker,
      { path, method: 'POST', query, auth: known ? engineAuth(known) : {} },
      signal,
    );
    await eachMessage(stream, (said) => {
      const { aux, error: failed } = said as { aux?: { Digest?: string }; error?: string };
      digest = aux?.Digest ?? digest;
      error ??= failed;
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if (statusOf(thrown) === undefined) throw thrown;
    error = engineMessage(thrown);
  }
  if (error !== undefined) throw registryError(host, `${reference} could not be pushed`, error);
  if (digest === undefined)
    throw registryError(host, `${reference} could not be pushed`, 'the registry gave no digest');
  output(`pushed ${name}@${digest}`);
  return digest;
}

/** Words what a registry said, through the engine. @param what what did not work */
export function registryError(host: string, what: string, said: string): SlipwayError {
  const full = diskFull(said);
  if (full) return full;
  if (/denied|unauthorized|authentication required|no basic auth|forbidden|incorrect username/i.test(said))
    return new SlipwayError('registry.denied', `${what}: ${host} says: ${said}`, `slipway registry login ${host}`);
  return new SlipwayError('registry.unreachable', `${what}: ${said}`, `does the engine reach ${host}?`);
}
