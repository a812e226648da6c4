import type Docker from 'dockerode';
import type { BuildRequest } from '#domain/builds/build-request.ts';
import { SlipwayError } from '#domain/errors.ts';
import { linkedTo, within } from '../../within.ts';
import type { BuildOrder, RegistryCredentials } from '../contract.ts';
import { type BuildEnd, followBuild } from './build-progress.ts';
import { contextPrefix } from './context.ts';
import { contextTar } from './context-tar.ts';
import { type CredentialsSource, registryConfig } from './credentials.ts';
import { type Dockerfile, hasSyntaxLine, withoutSyntaxLine } from './dockerfile.ts';
import { callEngine, type EngineCall, eachMessage, engineError, engineMessage, statusOf } from './engine.ts';
import { type BuildSession, openSession } from './session.ts';

/** One image to be built. */
export interface ImageBuild {
  readonly docker: Docker;
  readonly order: BuildOrder;
  readonly dockerfile: Dockerfile;
  readonly reference: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly credentials: CredentialsSource;
}

type Version = 'buildkit' | 'classic';

/**
 * Builds by BuildKit, by the classic builder where the engine has no BuildKit. Docker's own frontend image, which a
 * `# syntax=` line asks for, is done without where it cannot be had: the engine's own understands nearly all the same.
 */
export async function runBuild(
  build: ImageBuild,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<BuildEnd> {
  const run = async (version: Version, dockerfile: Dockerfile) =>
    attempt({ ...build, dockerfile }, version, output, signal);
  let version: Version = 'buildkit';
  let end: BuildEnd;
  try {
    end = await run(version, build.dockerfile);
  } catch (error) {
    if (statusOf(error) === undefined || !/buildkit/i.test(engineMessage(error))) throw error;
    output('the engine has no BuildKit: building by its classic builder');
    version = 'classic';
    end = await run(version, build.dockerfile);
  }
  if (end.error === null || !lacksFrontend(end.error) || !hasSyntaxLine(build.dockerfile.text)) return end;
  output('WARNING: the image of the `# syntax` line cannot be had: building without that line');
  return run(version, { ...build.dockerfile, text: withoutSyntaxLine(build.dockerfile.text), added: true });
}

function lacksFrontend(error: string): boolean {
  return /frontend gateway\.v0|docker\/dockerfile|frontend grpc server/i.test(error);
}

async function attempt(
  build: ImageBuild,
  version: Version,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<BuildEnd> {
  const { docker, order, dockerfile } = build;
  const all = await build.credentials();
  const session = version === 'buildkit' ? await sessionFor(docker, all, signal) : undefined;
  // ends the reading of files when the engine hangs up, and the request when a file cannot be read
  const { controller: stop, release } = linkedTo(signal);
  const tar = contextTar(
    {
      checkout: order.checkout,
      files: order.files,
      prefix: contextPrefix(order.request.context),
      extra: dockerfile.added ? { [dockerfile.name]: dockerfile.text } : {},
    },
    stop.signal,
  );
  let unread: unknown;
  tar.on('error', (error) => {
    unread ??= error;
    stop.abort(error);
  });
  const progress = followBuild(output);
  try {
    const query = { ...buildQuery(build, version), ...(session && { session: session.id }) };
    const call: EngineCall = { path: '/build?', method: 'POST', query, body: tar, registryConfig: registryConfig(all) };
    await eachMessage(await callEngine(docker, call, stop.signal), progress.message);
  } catch (error) {
    signal.throwIfAborted();
    throw unread ?? engineError(error);
  } finally {
    release();
    stop.abort();
    session?.close();
  }
  return progress.end();
}

/**
 * Without credentials, too: BuildKit asks over it wherever a registry wants a token, Docker Hub's anonymous one included, and
 * fails with 'no active sessions' where there is none. An engine, or a proxy before it, that opens none does without.
 */
async function sessionFor(
  docker: Docker,
  all: readonly RegistryCredentials[],
  signal: AbortSignal,
): Promise<BuildSession | undefined> {
  const late = () => new SlipwayError('engine.unreachable', 'the engine opens no session for a build');
  try {
    return await within(signal, { ms: sessionMs, late }, (limited) => openSession(docker, all, limited));
  } catch (thrown) {
    if (all.length > 0 || signal.aborted) throw thrown;
    return undefined;
  }
}

const sessionMs = 10_000;

function buildQuery(
  { order, dockerfile, reference, labels }: ImageBuild,
  version: Version,
): Record<string, string | readonly string[]> {
  const { request } = order;
  return {
    version: version === 'buildkit' ? '2' : '1',
    t: reference,
    dockerfile: dockerfile.name,
    buildargs: JSON.stringify(request.args),
    labels: JSON.stringify({ ...request.labels, ...labels }),
    rm: '1',
    forcerm: '1',
    ...(request.target !== null && { target: request.target }),
    ...(request.noCache && { nocache: '1' }),
    ...(request.pull && { pull: '1' }),
    ...(request.platform !== null && { platform: request.platform }),
    ...(request.network !== null && { networkmode: request.network }),
    ...(request.shmBytes !== null && { shmsize: String(request.shmBytes) }),
    ...(request.extraHosts.length > 0 && { extrahosts: request.extraHosts.map((host) => host.replace('=', ':')) }),
    ...(request.cacheFrom.length > 0 && { cachefrom: JSON.stringify(request.cacheFrom) }),
  };
}

/** What the Engine API has no field for: an error where the build would be another without it. */
export function refuseUnsupported(request: BuildRequest): void {
  const names = Object.keys(request.contexts);
  if (names.length === 0) return;
  throw new SlipwayError(
    'build.failed',
    `service ${request.service}: build.additional_contexts (${names.join(', ')}) cannot be built through the Docker Engine API`,
    'copy what is needed from a stage, or make the common folder the context',
  );
}
