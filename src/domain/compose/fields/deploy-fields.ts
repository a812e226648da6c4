import { isText, kindOf } from '../node.ts';
import { keyed, labels, texts, uniqueTexts } from './collection-fields.ts';
import { type Field, type Fields, type JsonObject, list, object } from './field.ts';
import { choice, decimal, duration, text, textBytes, whole, wholeKept } from './scalar-fields.ts';

const count: Field<number> = (node, path, reading) => {
  if (isText(node) && node.text.toLowerCase() === 'all') return -1;
  return wholeKept(node, path, reading);
};

export const deviceFields: Fields = {
  capabilities: uniqueTexts,
  count,
  device_ids: uniqueTexts,
  driver: text,
  options: keyed(''),
};

const device =
  (required: readonly string[]): Field<JsonObject> =>
  (node, path, reading) => {
    const found = object(deviceFields, { required })(node, path, reading);
    if (found?.count !== undefined && found.device_ids !== undefined) {
      return reading.error(node, path, "'count' and 'device_ids' exclude each other");
    }
    return found === undefined || found.count !== undefined || found.device_ids !== undefined
      ? found
      : { ...found, count: -1 };
  };

/** A service's `gpus`: `all`, or a list of requests. */
export const gpus: Field<readonly JsonObject[]> = (node, path, reading) => {
  if (isText(node) && node.text === 'all') return [{ count: -1 }];
  return node.kind === 'list'
    ? list(device([]))(node, path, reading)
    : reading.error(node, path, `is ${kindOf(node)}, but must be 'all' or a list`);
};

export const updateFields: Fields = {
  parallelism: wholeKept,
  delay: duration,
  failure_action: text,
  monitor: duration,
  max_failure_ratio: decimal,
  order: choice('start-first', 'stop-first'),
};
export const limitFields: Fields = { cpus: decimal, memory: textBytes, pids: whole };
export const reservationFields: Fields = {
  cpus: decimal,
  memory: textBytes,
  generic_resources: list(object({ discrete_resource_spec: object({ kind: text, value: whole }) })),
  devices: list(device(['capabilities'])),
};
export const restartFields: Fields = { condition: text, delay: duration, max_attempts: wholeKept, window: duration };
export const placementFields: Fields = {
  constraints: texts,
  preferences: list(object({ spread: text })),
  max_replicas_per_node: whole,
};

export const deployFields: Fields = {
  mode: text,
  endpoint_mode: text,
  replicas: wholeKept,
  labels,
  rollback_config: object(updateFields),
  update_config: object(updateFields),
  resources: object({ limits: object(limitFields), reservations: object(reservationFields) }),
  restart_policy: object(restartFields),
  placement: object(placementFields),
};
export const deploy: Field<JsonObject> = object(deployFields);
