import type { BuildRequest } from '#domain/builds/build-request.ts';
import type { Artifact, LocalSettings } from '#domain/stack/spec.ts';

export interface BuildOrder {
  /** Where this image goes instead of the cluster's own registry (`registry:` in slipway.yaml); `null`: nothing was said. */
  readonly registry: string | null;
  readonly project: string;
  readonly build: string;
  readonly request: BuildRequest;
  /** Hash of the inputs: the artifact's identity. */
  readonly key: string;
  readonly commit: string;
  /** Folder of the checkout on disk. */
  readonly checkout: string;
  /** Paths (relative to the checkout) that belong to the context, `.dockerignore` applied. */
  readonly files: readonly string[];
  /**
   * What the local engine does with it; `null`: nothing was said. Only `checkout` builders look at it, and both values
   * must be part of the key. A service without `build:` has `directory` as its context.
   */
  readonly local: Pick<LocalSettings, 'directory' | 'install'> | null;
}

/** Credentials for one registry host, as `slipway registry login` stored them. */
export interface RegistryCredentials {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

/** Makes artifacts. One for Docker images, one for the local engine's checkouts. */
export interface Builder {
  readonly kind: 'image' | 'checkout';
  /**
   * Builds, says each line of output as it comes, and gives back what can be deployed. The same key built twice gives
   * an artifact that runs the same. @throws SlipwayError `build.failed` (with the last lines), `build.no_dockerfile`
   */
  build(order: BuildOrder, output: (line: string) => void, signal: AbortSignal): Promise<Artifact>;
  /** Is this artifact still to be had (image or folder still there)? */
  has(artifact: Artifact, signal: AbortSignal): Promise<boolean>;
  /**
   * Removes what `build` made; twice is the same as once. What Slipway did not build, or something uses, stays, and so does
   * what a registry has. @returns `false` where it is in use
   */
  remove(artifact: Artifact, signal: AbortSignal): Promise<boolean>;
}

/** Turns others' image text into one that cannot move. */
export interface ImageResolver {
  /**
   * Digest reference (`name@sha256:…`) of a tag where a registry answers, else the engine's own image ID.
   * @throws SlipwayError `image.not_found`, `registry.denied`, `registry.unreachable`
   */
  pin(reference: string, signal: AbortSignal): Promise<string>;
}
