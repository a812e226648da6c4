import { isText, kindOf } from '../node.ts';
import { options, uniqueTexts } from './collection-fields.ts';
import { type Field, type Fields, type Json, type JsonObject, list, mapOf, nullable, object } from './field.ts';
import { choice, flag, flagKept, text, whole } from './scalar-fields.ts';

const name = /^[a-zA-Z0-9._-]+$/;

export const dependencyFields: Fields = {
  restart: flag,
  required: flagKept,
  condition: choice('service_started', 'service_healthy', 'service_completed_successfully'),
};
const dependency: Field<JsonObject> = (node, path, reading) => {
  const found = object(dependencyFields, { required: ['condition'] })(node, path, reading);
  return found === undefined ? undefined : { required: true, ...found };
};

/** `depends_on`: a list means started, a map needs its conditions. */
export const dependencies: Field<JsonObject> = (node, path, reading) => {
  if (node.kind !== 'list') {
    const found = mapOf(dependency, name)(node, path, reading) ?? {};
    return Object.keys(found).length === 0 ? undefined : found;
  }
  const names = uniqueTexts(node, path, reading);
  return names === undefined
    ? undefined
    : Object.fromEntries(names.map((service) => [service, { condition: 'service_started', required: true }]));
};

export const attachmentFields: Fields = {
  aliases: uniqueTexts,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: uniqueTexts,
  mac_address: text,
  driver_opts: options,
  priority: whole,
  gw_priority: whole,
};

/** A list of names as a map to null, or the map; an empty one is left out. */
const named =
  (fields: Fields): Field<JsonObject> =>
  (node, path, reading) => {
    const out: Record<string, Json> = {};
    if (node.kind === 'list') for (const item of uniqueTexts(node, path, reading) ?? []) out[item] = null;
    else if (node.kind !== 'map') return reading.error(node, path, `is ${kindOf(node)}, but must be a map or a list`);
    else Object.assign(out, mapOf(nullable<Json>(object(fields), null), name)(node, path, reading));
    return Object.keys(out).length === 0 ? undefined : out;
  };

export const attachments: Field<JsonObject> = named(attachmentFields);
export const modelReferenceFields: Fields = { endpoint_var: text, model_var: text };
export const modelReferences: Field<JsonObject> = named(modelReferenceFields);

export const deviceMappingFields: Fields = { source: text, target: text, permissions: text };
const device: Field<JsonObject> = (node, path, reading) => {
  if (!isText(node)) {
    const found = object(deviceMappingFields, { required: ['source'] })(node, path, reading);
    return found === undefined ? undefined : { target: found.source ?? '', permissions: 'rwm', ...found };
  }
  const [source = '', target = '', permissions = 'rwm', ...more] = node.text.split(':');
  if (more.length > 0) return reading.error(node, path, `'${node.text}' has too many parts`, 'as in /dev/a:/dev/b:rwm');
  return { source, target: target || source, permissions };
};
export const devices: Field<readonly JsonObject[]> = list(device);
