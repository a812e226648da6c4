import type Docker from 'dockerode';
import { linkedTo } from '../../within.ts';
import { type CredentialsSource, credentialsFor, engineAuth } from './credentials.ts';
import { distributionDigest } from './distribution.ts';
import { callEngine, eachMessage, engineMessage, statusOf } from './engine.ts';
import { parseReference } from './reference.ts';
import { isDenial, registryError } from './registry-error.ts';

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
  const { host, name } = parseReference(reference);
  const what = `${reference} could not be pushed`;
  const { controller, release } = linkedTo(signal);
  // the engine tries five times, for 50 s, also where the registry has said that the password is wrong
  const onRetry = async (): Promise<void> => {
    const answer = await distributionDigest(docker, reference, credentials, controller.signal);
    if (answer.kind === 'failed' && isDenial(answer.why)) controller.abort(registryError(host, what, answer.why));
  };
  output(`pushing ${reference}`);
  try {
    const { digest, error } = await push(docker, reference, credentials, onRetry, controller.signal);
    if (error !== undefined) throw registryError(host, what, error);
    if (digest === undefined) throw registryError(host, what, 'the registry gave no digest');
    output(`pushed ${name}@${digest}`);
    return digest;
  } catch (thrown) {
    controller.signal.throwIfAborted();
    if (statusOf(thrown) === undefined) throw thrown;
    throw registryError(host, what, engineMessage(thrown));
  } finally {
    release();
  }
}

interface Pushed {
  readonly digest: string | undefined;
  readonly error: string | undefined;
}

async function push(
  docker: Docker,
  reference: string,
  credentials: CredentialsSource,
  onRetry: () => Promise<void>,
  signal: AbortSignal,
): Promise<Pushed> {
  const { host, name, tag } = parseReference(reference);
  const known = credentialsFor(host, await credentials());
  // without the header, empty though it may be, older engines refuse
  const auth = known ? engineAuth(known) : {};
  const query = { tag: tag ?? 'latest' };
  const stream = await callEngine(docker, { path: `/images/${name}/push?`, method: 'POST', query, auth }, signal);
  let [digest, error]: (string | undefined)[] = [];
  let isAsked = false;
  await eachMessage(stream, (said) => {
    const { aux, error: failed, status } = said as Message;
    digest = aux?.Digest ?? digest;
    error ??= failed;
    if (isAsked || !status?.startsWith('Retrying in')) return;
    isAsked = true;
    // what cannot be asked changes nothing: then the engine's own end of it is waited for
    void onRetry().catch(() => undefined);
  });
  return { digest, error };
}

/** Of a push's progress, what is looked at. */
interface Message {
  readonly aux?: { readonly Digest?: string };
  readonly error?: string;
  readonly status?: string;
}
