import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { within } from '../../within.ts';
import { type CredentialsSource, credentialsFor, engineAuth } from './credentials.ts';
import { callEngine, engineError, engineMessage, statusOf } from './engine.ts';
import { parseReference } from './reference.ts';

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
