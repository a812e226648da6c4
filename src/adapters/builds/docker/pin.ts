import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { SlipwayError } from '#domain/errors.ts';
import { within } from '../../within.ts';
import type { ImageResolver } from '../contract.ts';
import { type CredentialsSource, credentialsFor, engineAuth } from './credentials.ts';
import { callEngine, connectEngine, type EngineAddress, engineError, engineMessage, statusOf } from './engine.ts';
import { inspectImage } from './inspect-image.ts';
import { registryError } from './push.ts';
import { parseReference } from './reference.ts';

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

/** What a registry said about a reference. */
export type RegistryAnswer =
  | { readonly kind: 'found'; readonly digest: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

/** Asks the registry for a reference's digest, through the engine. @throws SlipwayError `engine.unreachable` */
export async function distributionDigest(
  docker: Docker,
  reference: string,
  credentials: CredentialsSource,
  signal: AbortSignal,
  timeoutMs = 5000,
): Promise<RegistryAnswer> {
  const known = credentialsFor(parseReference(reference).host, await credentials());
  let isLate = false;
  const late = (): unknown => {
    isLate = true;
    return null;
  };
  try {
    const path = `/distribution/${reference}/json`;
    const call = { path, method: 'GET', ...(known && { auth: engineAuth(known) }) } as const;
    const body = await within(signal, { ms: timeoutMs, late }, async (limited) =>
      text(await callEngine(docker, call, limited)),
    );
    const digest = /"digest":"(sha256:[0-9a-f]{64})"/.exec(body)?.[1];
    return digest ? { kind: 'found', digest } : { kind: 'absent' };
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) return { kind: 'failed', why: `no answer within ${timeoutMs / 1000} s` };
    if (statusOf(error) === undefined) throw engineError(error);
    const why = engineMessage(error);
    return /manifest unknown|name unknown|not found/i.test(why) ? { kind: 'absent' } : { kind: 'failed', why };
  }
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
