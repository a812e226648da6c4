import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildFields } from './build-fields.ts';
import {
  deployFields,
  deviceFields,
  limitFields,
  placementFields,
  reservationFields,
  restartFields,
  updateFields,
} from './deploy-fields.ts';
import type { Fields } from './field.ts';
import { bindFields, namedVolumeFields, tmpfsFields, volumeFields } from './mount-fields.ts';
import { portFields } from './port-fields.ts';
import { projectFields } from './project-fields.ts';
import { attachmentFields, dependencyFields, deviceMappingFields, modelReferenceFields } from './relation-fields.ts';
import * as resources from './resource-fields.ts';
import {
  blkioFields,
  healthcheckFields,
  hookFields,
  serviceFields,
  startHookFields,
  watchFields,
} from './service-fields.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [keyword: string]: unknown;
}
const spec: Schema = JSON.parse(readFileSync(new URL('./compose-spec.json', import.meta.url), 'utf8'));

/** The schema at a path of keywords and keys. */
const at = (...path: readonly (string | number)[]): Schema =>
  path.reduce<Schema>((schema, key) => (schema as Readonly<Record<string | number, Schema>>)[key] ?? {}, spec);
const definition = (name: string, ...path: readonly (string | number)[]): Schema => at('definitions', name, ...path);
const serviceKey = (key: string, ...path: readonly (string | number)[]): Schema =>
  definition('service', 'properties', key, ...path);
const long = (key: string): Schema => serviceKey(key, 'items', 'oneOf', key === 'ports' ? 2 : 1);
const resourcesOf = (part: string): Schema => definition('deployment', 'properties', 'resources', 'properties', part);

test.each<[string, Schema, Fields, readonly string[]]>([
  ['a file', spec, projectFields, []],
  ['a service', definition('service'), serviceFields, ['pre_start']],
  ['build', serviceKey('build', 'oneOf', 1), buildFields, ['no_cache_filter', 'provenance', 'sbom']],
  ['blkio_config', serviceKey('blkio_config'), blkioFields, []],
  ['depends_on', serviceKey('depends_on', 'oneOf', 1, 'patternProperties', '^[a-zA-Z0-9._-]+$'), dependencyFields, []],
  ['devices', long('devices'), deviceMappingFields, []],
  ['healthcheck', definition('healthcheck'), healthcheckFields, []],
  ['a hook', definition('service_hook'), hookFields, []],
  [
    'models of a service',
    serviceKey('models', 'oneOf', 1, 'patternProperties', '^[a-zA-Z0-9._-]+$'),
    modelReferenceFields,
    [],
  ],
  [
    'networks of a service',
    serviceKey('networks', 'oneOf', 1, 'patternProperties', '^[a-zA-Z0-9._-]+$', 'oneOf', 0),
    attachmentFields,
    [],
  ],
  ['ports', long('ports'), portFields, []],
  ['volumes of a service', long('volumes'), volumeFields, []],
  [
    'a bind',
    at('definitions', 'service', 'properties', 'volumes', 'items', 'oneOf', 1, 'properties', 'bind'),
    bindFields,
    [],
  ],
  [
    'a volume mount',
    at('definitions', 'service', 'properties', 'volumes', 'items', 'oneOf', 1, 'properties', 'volume'),
    namedVolumeFields,
    [],
  ],
  [
    'a tmpfs',
    at('definitions', 'service', 'properties', 'volumes', 'items', 'oneOf', 1, 'properties', 'tmpfs'),
    tmpfsFields,
    [],
  ],
  ['develop.watch', definition('development', 'properties', 'watch', 'items'), watchFields, ['initial_sync']],
  ['deploy', definition('deployment'), deployFields, []],
  ['update_config', definition('deployment', 'properties', 'update_config'), updateFields, []],
  ['limits', resourcesOf('limits'), limitFields, []],
  ['reservations', resourcesOf('reservations'), reservationFields, []],
  ['restart_policy', definition('deployment', 'properties', 'restart_policy'), restartFields, []],
  ['placement', definition('deployment', 'properties', 'placement'), placementFields, []],
  ['devices of deploy', definition('devices', 'items'), deviceFields, []],
  ['a network', definition('network'), resources.networkFields, []],
  [
    'ipam.config',
    definition('network', 'properties', 'ipam', 'properties', 'config', 'items'),
    resources.ipamConfigFields,
    [],
  ],
  ['a volume', definition('volume'), resources.volumeFields, []],
  ['a secret', definition('secret'), resources.secretFields, []],
  ['a config', definition('config'), resources.configFields, []],
  ['a model', definition('model'), resources.modelFields, []],
])(
  "the keys of %s are those of the specification's schema, and the newer ones named here",
  (_, schema, fields, newer) => {
    const known = Object.keys(schema.properties ?? {});
    expect(known.length).toBeGreaterThan(0);
    expect(
      Object.keys(fields)
        .filter((key) => !newer.includes(key))
        .sort(),
    ).toEqual(known.filter((key) => !newer.includes(key)).sort());
  },
);

test('a start hook has what a hook has, an image and a count', () => {
  expect(Object.keys(startHookFields).sort()).toEqual([...Object.keys(hookFields), 'image', 'per_replica'].sort());
});
