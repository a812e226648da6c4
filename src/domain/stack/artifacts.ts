import type { Artifact, ServiceSpec, StackSpec } from './spec.ts';

/**
 * The specification with each named service's artifact put in. A service that Slipway built learns its artifact's commit as
 * `SLIPWAY_COMMIT`: it changes with the artifact only, so an unchanged service is not restarted. Source: requirement 5.3.
 */
export function resolveArtifacts(spec: StackSpec, artifacts: ReadonlyMap<string, Artifact>): StackSpec {
  return { ...spec, services: spec.services.map((service) => withArtifact(service, artifacts.get(service.name))) };
}

function withArtifact(service: ServiceSpec, artifact: Artifact | undefined): ServiceSpec {
  if (artifact === undefined) return service;
  const commit = commitOf(artifact);
  const environment = commit === null ? service.environment : { SLIPWAY_COMMIT: commit, ...service.environment };
  return {
    ...service,
    artifact,
    environment: Object.fromEntries(Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The commit an artifact was built from; `null` for others' images and what is not built yet. */
export function commitOf(artifact: Artifact): string | null {
  return artifact.kind === 'image' || artifact.kind === 'checkout' ? artifact.commit : null;
}
