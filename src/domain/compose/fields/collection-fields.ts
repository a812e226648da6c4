import { hostsOf, keyedOf, listOf } from '../forms.ts';
import { isText, kindOf, type Node, type ScalarNode } from '../node.ts';
import { shellWords } from '../shell-words.ts';
import { type Field, type Json, type JsonObject, list, type Reading, scalarOf } from './field.ts';
import { anyText, textOrNumber } from './scalar-fields.ts';

export const texts: Field<readonly string[]> = list(anyText);
export const uniqueTexts: Field<readonly string[]> = list(anyText, true);
export const textsOrNumbers: Field<readonly string[]> = list(textOrNumber, true);

/** One text, also an empty one, or a list of them. */
export const textOrTexts: Field<readonly string[]> = (node, path, reading) =>
  node.kind === 'list' ? uniqueTexts(node, path, reading) : one(anyText(node, path, reading));

const one = (value: string | undefined): readonly string[] | undefined => (value === undefined ? undefined : [value]);

/** Variables or labels as a map or a list of `K=v`; `whenNull` is the value of a key without one. */
export const keyed =
  (
    whenNull: '' | null,
    check: (key: string, item: Node, path: string, reading: Reading) => void = () => {},
  ): Field<JsonObject> =>
  (node, path, reading) => {
    if (node.kind === 'list') {
      node.items.forEach((item, i) => {
        if (isText(item)) check(item.text.split('=', 1)[0] ?? '', item, `${path}[${i}]`, reading);
        else reading.error(item, `${path}[${i}]`, `is ${kindOf(item)}, but must be text`, 'as in KEY=value');
      });
    }
    const map = keyedOf(node);
    if (map.kind !== 'map') {
      return node.kind === 'list'
        ? undefined
        : reading.error(node, path, `is ${kindOf(node)}, but must be a map or a list`);
    }
    return keyedValues(map.entries, path, reading, whenNull);
  };

function keyedValues(
  entries: ReadonlyMap<string, Node>,
  path: string,
  reading: Reading,
  whenNull: '' | null,
): JsonObject | undefined {
  const out: Record<string, Json> = {};
  for (const [key, value] of entries) {
    if (value.kind !== 'scalar')
      reading.error(value, `${path}.${key}`, `is ${kindOf(value)}, but must be text, a number or true/false`);
    else out[key] = value.type === 'null' ? whenNull : value.text;
  }
  return Object.keys(out).length === 0 ? undefined : out;
}

export const labels: Field<JsonObject> = keyed('');

/** Variables of a container: one without a value takes it from outside, or stays null. */
export const variables: Field<JsonObject> = (node, path, reading) => {
  const found = rawVariables(node, path, reading);
  const map = keyedOf(node);
  if (found === undefined || map.kind !== 'map') return found;
  const outside = (name: string): string | null => {
    const environment = map.entries.get(name)?.at.source.environment ?? {};
    return Object.hasOwn(environment, name) ? (environment[name] ?? null) : null;
  };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value ?? outside(name)]));
};

const rawVariables: Field<JsonObject> = keyed(null, (key, item, path, reading) => {
  if (/\s$/.test(key)) reading.error(item, path, `the variable '${key.trimEnd()}' has a space before its '='`);
});

/** A driver's options: text or numbers by name. */
export const options: Field<JsonObject> = (node, path, reading) => {
  if (node.kind !== 'map') return reading.error(node, path, `is ${kindOf(node)}, but must be a map`);
  const out: Record<string, Json> = {};
  for (const [key, value] of node.entries) {
    const found = scalarOf(value, `${path}.${key}`, reading, ['string', 'int', 'float', 'null'], 'text or a number');
    if (found !== undefined) out[key] = found.text;
  }
  return Object.keys(out).length === 0 ? undefined : out;
};

/** A command line: text in shell words, or a list; null (left out) is the image's own. */
export const command: Field<readonly string[]> = (node, path, reading) => {
  if (node.kind === 'list') return texts(node, path, reading) ?? [];
  const found = scalarOf(node, path, reading, ['string', 'null'], 'text or a list');
  return found === undefined || found.type === 'null' ? undefined : words(found, path, reading);
};

function words(found: ScalarNode, path: string, reading: Reading): readonly string[] | undefined {
  const split = shellWords(found.text);
  if (split === undefined)
    return reading.error(found, path, 'a quote or a parenthesis is left open', 'write it as a list');
  if (split.cut !== '') {
    reading.warn(
      found,
      path,
      `there is no shell here: '${split.cut}' is cut off; write ["sh", "-c", "..."] to have it run`,
    );
  }
  return split.words;
}

/** Extra hosts, printed as `host=address`. */
export const hosts: Field<readonly string[]> = (node, path, reading) => {
  if (node.kind === 'list') uniqueTexts(node, path, reading);
  const hostList = hostsOf(node);
  if (hostList.kind !== 'list') return reading.error(node, path, `is ${kindOf(node)}, but must be a map or a list`);
  const out = hostList.items.flatMap((item, i) => {
    const found = scalarOf(item, `${path}[${i}]`, reading, ['string'], 'text');
    if (found === undefined) return [];
    const parts = /^([^=:]+)=(.*)$/.exec(found.text) ?? /^([^=:]+):(.*)$/.exec(found.text);
    if (parts === null) {
      reading.error(item, `${path}[${i}]`, `'${found.text}' is no host with its address`, 'as in host=10.0.0.1');
      return [];
    }
    return (parts[2] ?? '').split(',').map((address) => `${parts[1]}=${address.replace(/^\[(.*)\]$/, '$1')}`);
  });
  return out.length === 0 ? undefined : [...new Set(out)].sort();
};

/** A list whose items may be a text or a map; a lone one counts as a list. */
export const entriesOf = (node: Node): readonly Node[] => {
  const all = listOf(node);
  return all.kind === 'list' ? all.items : [];
};
