import { child, childText, isText, type Node } from '../node.ts';
import { absolutePath } from '../paths.ts';
import { labels, options, texts } from './collection-fields.ts';
import { type Field, type Fields, type JsonObject, list, mapOf, nullable, object } from './field.ts';
import { flag, flagKept, text, whole } from './scalar-fields.ts';

/** `external`: true, or a map with the name (deprecated), which `resource` below unfolds. */
const external: Field = (node, path, reading) =>
  node.kind === 'map' ? object({ name: text })(node, path, reading) : flag(node, path, reading);

const file: Field<string> = (node, path, reading) => {
  const found = text(node, path, reading);
  return found === undefined ? undefined : absolutePath(found, node.at.source);
};

export const ipamConfigFields: Fields = { subnet: text, ip_range: text, gateway: text, aux_addresses: options };
export const networkFields: Fields = {
  name: text,
  driver: text,
  driver_opts: options,
  ipam: object({ driver: text, config: list(object(ipamConfigFields)), options }),
  external,
  internal: flag,
  enable_ipv4: flagKept,
  enable_ipv6: flagKept,
  attachable: flag,
  labels,
};
export const volumeFields: Fields = { name: text, driver: text, driver_opts: options, external, labels };
export const secretFields: Fields = {
  name: text,
  environment: text,
  file,
  external,
  labels,
  driver: text,
  driver_opts: options,
  template_driver: text,
};
export const configFields: Fields = {
  name: text,
  content: text,
  environment: text,
  file,
  external,
  labels,
  template_driver: text,
};
export const modelFields: Fields = { name: text, model: text, context_size: whole, runtime_flags: texts };

/** A resource with `external: {name}` brought into the form of today. */
const resource =
  (field: Field<JsonObject>, kind: string): Field<JsonObject> =>
  (node, path, reading) => {
    const found = field(node, path, reading);
    if (found === undefined || child(node, 'external')?.kind !== 'map') return found;
    const name = childText(child(node, 'external'), 'name');
    reading.warn(node, path, "'external: {name: ...}' is deprecated: write 'external: true' and 'name'");
    if (name !== undefined && found.name !== undefined && name !== found.name) {
      return reading.error(node, path, `both 'name' and 'external.name' are there, and differ, for this ${kind}`);
    }
    return { ...found, external: true, ...(name === undefined ? {} : { name }) };
  };

const network = nullable(resource(object(networkFields), 'network'), {});
const declaredVolume = resource(object(volumeFields), 'volume');

const volume: Field<JsonObject> = nullable((node, path, reading) => {
  const found = declaredVolume(node, path, reading);
  if (found === undefined) return undefined;
  const other = Object.keys(found).find((key) => key !== 'name' && key !== 'external');
  if (found.external === true && other !== undefined) {
    return reading.error(node, path, `'external' and '${other}' exclude each other`);
  }
  return boundDevice(found, node);
}, {});

/** A local volume that is a bind in truth has its device's path made absolute. */
function boundDevice(found: JsonObject, node: Node): JsonObject {
  const driverOptions = child(node, 'driver_opts');
  const device = child(driverOptions, 'device');
  if (found.driver !== 'local' || childText(driverOptions, 'o') !== 'bind' || !isText(device)) return found;
  return {
    ...found,
    driver_opts: { ...Object(found.driver_opts), device: absolutePath(device.text, device.at.source) },
  };
}

/** A config or a secret: its content comes from exactly one of the sources. */
const content =
  (field: Field<JsonObject>, sources: readonly string[]): Field<JsonObject> =>
  (node, path, reading) => {
    const found = field(node, path, reading);
    if (found === undefined || node.kind !== 'map') return found;
    const given = sources.filter((source) => node.entries.has(source));
    const elsewhere = node.entries.has('external') || (node.entries.has('driver') && sources.includes('content'));
    const list = sources.map((source) => `'${source}'`).join(', ');
    if (given.length > 1) return reading.error(node, path, `${list} exclude each other`);
    const isEmpty = found.external !== true && sources.every((source) => found[source] === undefined);
    if (isEmpty && !sources.includes('content'))
      return reading.keyError(node, path, `one of ${list} must have a value`);
    if (given.length === 0 && !elsewhere) return reading.keyError(node, path, `one of ${list} must be there`);
    return found;
  };

const named = (field: Field, names = true): Field<JsonObject> => mapOf(field, names ? /^[a-zA-Z0-9._-]+$/ : undefined);

/** What stands at the top of a Compose file, but for services. */
export const networks = named(network, false);
export const volumes = named(volume);
export const secrets = named(content(resource(object(secretFields), 'secret'), ['file', 'environment']));
export const configs = named(content(resource(object(configFields), 'config'), ['file', 'environment', 'content']));
export const models = named(object(modelFields, { required: ['model'] }), false);
