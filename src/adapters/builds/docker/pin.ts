import type Docker from 'dockerode';
import { SlipwayError } from '#domain/errors.ts';
import type { ImageResolver } from '../contract.ts';
import type { CredentialsSource } from './credentials.ts';
import { distributionDigest } from './distribution.ts';
import { connectEngine, type EngineAddress } from './engine.ts';
import { inspectImage } from './inspect-image.ts';
import { parseReference } from './reference.ts';
import { registryError } from './registry-error.ts';

export type ImageResolverOptions = EngineAddress & {
  readonly credentials: CredentialsSource;
  /** How long a registry may take to answer. Default 5 s: an engine without a network is not to hold up a plan. */
  readonly registryTimeoutMs?: number;
};

/**
 * Pins others' images: asks the registry, through the engine (which knows its mirrors and proxies), and takes the
 * engine's own image of that name where no registry has it or answers.
 */
export function imageResolver(options: ImageResolverOptions): ImageResolver {
  const { credentials, registryTimeoutMs = 5000 } = options;
  const docker = connectEngine(options);
  return {
    async pin(reference, signal) {
      const { digest, host, name } = parseReference(reference);
      if (digest !== null || /^sha256:[0-9a-f]{64}$/.test(reference)) return reference;
      const answer = await distributionDigest(docker, reference, credentials, signal, registryTimeoutMs);
      if (answer.kind === 'found') return `${name}@${answer.digest}`;
      const local = await localPin(docker, reference, name, signal);
      if (local !== undefined) return local;
      if (answer.kind === 'failed') throw registryError(host, `image ${reference} could not be looked up`, answer.why);
      throw new SlipwayError(
        'image.not_found',
        `image ${reference} is neither in the registry ${host} nor on the engine`,
        'check its name and tag',
      );
    },
  };
}

async function localPin(
  docker: Docker,
  reference: string,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const image = await inspectImage(docker, reference, signal);
  // a digest that the engine got from that registry, so that other nodes can pull by it later
  return image?.digests.find((digest) => digest.startsWith(`${name}@`)) ?? image?.id;
}
