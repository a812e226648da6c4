import type Docker from 'dockerode';
import { SlipwayError } from '#domain/errors.ts';
import type { Artifact } from '#domain/stack/spec.ts';
import { shareWork } from '../../share-work.ts';
import { buildFailed, diskFull } from '../build-failed.ts';
import type { Builder, BuildOrder } from '../contract.ts';
import type { BuildEnd } from './build-progress.ts';
import type { CredentialsSource } from './credentials.ts';
import { distributionDigest } from './distribution.ts';
import { findDockerfile } from './dockerfile.ts';
import { connectEngine, type EngineAddress, engineMessage, statusOf } from './engine.ts';
import { inspectImage } from './inspect-image.ts';
import { pushImage } from './push.ts';
import { imagePart, parseReference } from './reference.ts';
import { removeImage } from './remove-image.ts';
import { refuseUnsupported, runBuild } from './run-build.ts';

export type DockerBuilderOptions = EngineAddress & {
  /** Where images go: `registry.example.com/team`. `null`: nowhere, they stay on this one node. */
  readonly registry: { readonly prefix: string } | null;
  readonly credentials: CredentialsSource;
};

/**
 * Builds images by a Docker Engine. `<prefix>/<project>/<service>:<first 12 of the key>` is their reference, `slipway` the
 * prefix where no registry is: that tag then keeps the image, which runs by its ID. An image that has the key already
 * is not built again, and keeps the commit it was first built from (`org.opencontainers.image.revision`).
 */
export function dockerBuilder(options: DockerBuilderOptions): Builder {
  const { registry, credentials } = options;
  const docker = connectEngine(options);
  const building = shareWork<Artifact>();

  async function make(order: BuildOrder, output: (line: string) => void, signal: AbortSignal): Promise<Artifact> {
    const prefix = order.registry ?? registry?.prefix;
    const reference = referenceOf(order, prefix);
    const image =
      (await builtBefore(docker, reference, order, output, signal)) ??
      (await buildImage(order, reference, output, signal));
    if (prefix === undefined) return { kind: 'image', reference, pinned: image.id, commit: image.commit };
    const digest = await pushImage(docker, reference, credentials, output, signal);
    const name = reference.slice(0, reference.lastIndexOf(':'));
    return { kind: 'image', reference, pinned: `${name}@${digest}`, commit: image.commit };
  }

  async function buildImage(order: BuildOrder, reference: string, output: (line: string) => void, signal: AbortSignal) {
    refuseUnsupported(order.request);
    const dockerfile = findDockerfile(order.request, order.checkout, order.files);
    const labels = labelsOf(order);
    const end = await runBuild({ docker, order, dockerfile, reference, labels, credentials }, output, signal).catch(
      (error) => {
        throw worded(error, order);
      },
    );
    if (end.error !== null || end.imageId === null) throw failure(order, end);
    return { id: end.imageId, commit: order.commit };
  }

  return {
    kind: 'image',
    build: (order, output, signal) =>
      building.run(referenceOf(order, order.registry ?? registry?.prefix), signal, (shared) =>
        make(order, output, shared),
      ),
    async has(artifact, signal) {
      if (artifact.kind !== 'image') return false;
      const wanted = artifact.pinned ?? artifact.reference;
      const isHere = async () => (await inspectImage(docker, wanted, signal)) !== undefined;
      if (!wanted.includes('@')) return isHere();
      // other nodes pull it from the registry; while that does not answer, this engine's copy will do
      const answer = await distributionDigest(docker, wanted, credentials, signal);
      return answer.kind === 'failed' ? isHere() : answer.kind === 'found';
    },
    async remove(artifact, signal) {
      if (artifact.kind !== 'image') return true;
      const image = await inspectImage(docker, artifact.reference, signal);
      // the name may be somebody else's by now
      if (image?.labels[keyLabel] === undefined) return true;
      return removeImage(docker, artifact.reference, signal);
    },
  };
}

/** The name and tag of what is built: the tag is of the build’s key, so that the same inputs have the same name. */
export function referenceOf({ project, request, key }: BuildOrder, prefix = 'slipway'): string {
  return `${prefix.replace(/\/+$/, '')}/${imagePart(project)}/${imagePart(request.service)}:${key.slice(0, 12)}`;
}

const keyLabel = 'slipway.key';
const commitLabel = 'org.opencontainers.image.revision';

/** Source: requirement 2.2. */
function labelsOf({ project, request, build, key, commit }: BuildOrder): Record<string, string> {
  return {
    'slipway.project': project,
    'slipway.service': request.service,
    'slipway.build': build,
    [keyLabel]: key,
    [commitLabel]: commit,
  };
}

interface BuiltImage {
  readonly id: string;
  readonly commit: string;
}

/** The image of an earlier build of the same inputs, whose answer was lost or whose artifact was forgotten. */
async function builtBefore(
  docker: Docker,
  reference: string,
  order: BuildOrder,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<BuiltImage | undefined> {
  const image = await inspectImage(docker, reference, signal);
  if (image?.labels[keyLabel] !== order.key) return undefined;
  output(`${order.request.service}: ${reference} is there already`);
  return { id: image.id, commit: image.labels[commitLabel] ?? order.commit };
}

function failure(order: BuildOrder, end: BuildEnd): SlipwayError {
  const { service } = order.request;
  const said = end.error ?? 'the engine ended the build without an image';
  const full = diskFull(said);
  if (full) return full;
  const step = end.step === null ? '' : ` at ${end.step}`;
  return buildFailed(`the build of ${service} failed${step}: ${said}`, end.lines, hintFor(said, end.step ?? ''));
}

function hintFor(said: string, step = ''): string | undefined {
  if (/denied|unauthorized|authorization failed|no basic auth/i.test(said)) {
    const image = /load metadata for (\S+)/.exec(step)?.[1];
    const host = image === undefined ? '<host>' : parseReference(image).host;
    return `a base image needs credentials, or has another name: slipway registry login ${host}`;
  }
  if (/not found|manifest unknown|no such host|failed to (?:solve with|resolve|do request)/i.test(said))
    return 'is each base image (FROM) to be had from the engine or its registries?';
  return undefined;
}

/** The engine refused the request as a whole, or a file could not be read. */
function worded(error: unknown, order: BuildOrder): unknown {
  if (error instanceof SlipwayError) return error;
  const said = engineMessage(error);
  const full = diskFull(said, error);
  if (full) return full;
  if (statusOf(error) === undefined) return error;
  return buildFailed(`the engine refused to build ${order.request.service}: ${said}`, [], hintFor(said), error);
}
