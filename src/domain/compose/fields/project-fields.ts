import { kindOf, type Node } from '../node.ts';
import { type Field, type Fields, type JsonObject, mapOf, object } from './field.ts';
import { configs, models, networks, secrets, volumes } from './resource-fields.ts';
import { anyText } from './scalar-fields.ts';
import { service } from './service-fields.ts';

const name = /^[a-zA-Z0-9._-]+$/;

const version: Field = (node, path, reading) => {
  if (anyText(node, path, reading) === undefined) return undefined;
  reading.warn(node, path, 'is obsolete and ignored: remove it');
  return undefined;
};

/** `include` is applied before this; what is left is checked for its form. */
const include: Field = (node, path, reading) =>
  node.kind === 'list' ? undefined : reading.error(node, path, `is ${kindOf(node)}, but must be a list`);

/** Every key at the top of a Compose file. */
export const projectFields: Fields = {
  version,
  name: anyText,
  include,
  services: mapOf(service, name),
  networks,
  volumes,
  secrets,
  configs,
  models,
};

/** A whole model. Extensions of the top level are left to `extensionsOf`. */
export const project: Field<JsonObject> = (node, path, reading) => {
  const before = reading.errors.length;
  const found = object(projectFields)(node, path, reading);
  const isOld = node.kind === 'map' && !node.entries.has('services');
  // Files from before 2015 have their services at the top.
  const hint = "services stand under 'services:'";
  if (isOld)
    reading.errors.splice(
      before,
      Infinity,
      ...reading.errors.slice(before).map((e) => ({ ...e, hint: e.hint ?? hint })),
    );
  return found;
};

/** A YAML value as JSON, as written. */
export function plainValue(node: Node): unknown {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plainValue(value)]));
    case 'list':
      return node.items.map(plainValue);
    case 'reset':
      return null;
    case 'scalar':
      if (node.type === 'null') return null;
      if (node.type === 'bool') return node.text === 'true';
      if (node.type === 'time') return node.text.replace(/^(\S+) (\S+) (?:\+0000 UTC|([-+]\d\d)(\d\d) .*)$/, jsonTime);
      return node.type === 'int' || node.type === 'float' ? Number(node.text) : node.text;
  }
}

/** A time as Go puts it into JSON. */
const jsonTime = (_: string, date: string, clock: string, hours?: string, minutes?: string): string =>
  `${date}T${clock}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`;

/** The `x-` keys of a model's top level. */
export const extensionsOf = (model: Node): Readonly<Record<`x-${string}`, unknown>> =>
  model.kind === 'map'
    ? Object.fromEntries(
        [...model.entries].filter(([key]) => key.startsWith('x-')).map(([key, value]) => [key, plainValue(value)]),
      )
    : {};
