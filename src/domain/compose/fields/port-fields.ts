import { kindOf, type Node } from '../node.ts';
import { isIpAddress, parsePort } from '../ports.ts';
import { type Field, type Fields, type Json, type JsonObject, object, type Reading } from './field.ts';
import { text, textOrNumber, wholeBetween } from './scalar-fields.ts';

const address: Field<string> = (node, path, reading) => {
  const found = text(node, path, reading);
  return found === undefined || isIpAddress(found) ? found : reading.error(node, path, `'${found}' is no IP address`);
};

/** A port's long form. */
export const portFields: Fields = {
  name: text,
  mode: text,
  host_ip: address,
  target: wholeBetween(0, 65_535),
  published: textOrNumber,
  protocol: text,
  app_protocol: text,
};
const longPort = object(portFields);

/** A service's `ports`: short forms expanded, each address, published and target port and protocol once. */
export const ports: Field<readonly JsonObject[]> = (node, path, reading) => {
  if (node.kind !== 'list') return reading.error(node, path, `is ${kindOf(node)}, but must be a list`);
  const byKey = new Map<string, JsonObject>();
  node.items.forEach((item, i) => {
    for (const port of portsOf(item, `${path}[${i}]`, reading)) {
      byKey.set(`${port.host_ip ?? ''}:${port.published ?? ''}:${port.target}/${port.protocol}`, port);
    }
  });
  return byKey.size === 0 ? undefined : [...byKey.values()];
};

function portsOf(item: Node, path: string, reading: Reading): readonly JsonObject[] {
  if (item.kind === 'map') {
    const found = longPort(item, path, reading);
    if (found === undefined) return [];
    if (found.target === undefined) reading.error(item, path, "the key 'target' is missing");
    const out: Record<string, Json> = { mode: 'ingress', protocol: 'tcp', ...found };
    if (out.published === '') delete out.published;
    return [out];
  }
  if (item.kind !== 'scalar' || (item.type !== 'string' && item.type !== 'int')) {
    reading.error(item, path, `is ${kindOf(item)}, but must be text, a number or a map`);
    return [];
  }
  const parsed = parsePort(item.text);
  if (typeof parsed !== 'string') return parsed.map((port) => ({ ...port }));
  reading.error(item, path, parsed, 'as in "8080:80" or "127.0.0.1:8080:80/udp"');
  return [];
}
