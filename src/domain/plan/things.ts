import { versionedName } from '../stack/files.ts';
import type { ServiceSpec, StackSpec } from '../stack/spec.ts';
import type { Json, Thing, ThingKind } from './change.ts';

/** A thing that should be, with the part of the specification it is made from. */
export interface DesiredThing extends Thing {
  readonly spec: Json;
}

/**
 * Everything of a specification that an engine makes itself: what is external is somebody else's. A service's part holds
 * the versions of the files it mounts, so that a new content is a change of the service. `versionKey`: the
 * installation's key for `versionedName`.
 */
export function thingsOf(spec: StackSpec, versionKey: Uint8Array): readonly DesiredThing[] {
  const files = spec.files.filter((file) => file.external === null);
  const versions = new Map(files.map((file) => [`${file.kind}/${file.key}`, versionedName(file, versionKey)]));
  return [
    ...spec.networks
      .filter((network) => network.external === null)
      .map((network) => thing('network', network.key, network)),
    ...spec.volumes.filter((volume) => volume.external === null).map((volume) => thing('volume', volume.key, volume)),
    // the name alone stands for the content, which never shows in a plan
    ...files.map((file) => thing(file.kind, versionedName(file, versionKey), { key: file.key })),
    ...spec.services.map((service) => thing('service', service.name, withVersions(service, versions))),
  ];
}

function withVersions(service: ServiceSpec, versions: ReadonlyMap<string, string>): unknown {
  const files = service.files.map((mount) => ({
    ...mount,
    version: versions.get(`${mount.kind}/${mount.file}`) ?? null,
  }));
  return { ...service, files };
}

const thing = (kind: ThingKind, name: string, spec: unknown): DesiredThing => ({ kind, name, spec: toJson(spec) });

/** A plain value as JSON: what JSON cannot say is left out. */
export function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
