import type { Source } from './source.ts';

/** A point in a file: where a key or a value begins. `offset` counts UTF-16 units from the file's beginning. */
export interface Place {
  readonly source: Source;
  readonly offset: number;
}

interface Placed {
  readonly at: Place;
  /** Where the key stands, for a node that is a map's value. */
  readonly keyAt?: Place | undefined;
  /** `!override`: the node replaces what earlier files say, instead of being merged with it. */
  readonly replaces?: boolean | undefined;
}

export type ScalarType = 'null' | 'bool' | 'int' | 'float' | 'string' | 'time';

/** A scalar. `text` is the value as Go prints it (`017` is `15`), and what a container would see of it. */
export interface ScalarNode extends Placed {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  readonly text: string;
}

export interface ListNode extends Placed {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

export interface MapNode extends Placed {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Node>;
}

/** `!reset`: stands where a value would, and removes what earlier files say there. */
export interface ResetNode extends Placed {
  readonly kind: 'reset';
}

/** A YAML value with its place. Never changed once made, so that aliases share it. */
export type Node = ScalarNode | ListNode | MapNode | ResetNode;

/** A text at a place. */
export const textNode = (text: string, at: Place, keyAt?: Place): ScalarNode => ({
  kind: 'scalar',
  type: 'string',
  text,
  at,
  keyAt,
});

/** A key without a value. */
export const nullNode = (at: Place, keyAt?: Place): ScalarNode => ({
  kind: 'scalar',
  type: 'null',
  text: '',
  at,
  keyAt,
});

/** A truth value at a place. */
export const boolNode = (value: boolean, at: Place): ScalarNode => ({
  kind: 'scalar',
  type: 'bool',
  text: String(value),
  at,
});

/** A map of these entries, in their order. */
export const mapNode = (entries: Iterable<readonly [string, Node]>, at: Place, keyAt?: Place): MapNode => ({
  kind: 'map',
  entries: new Map(entries),
  at,
  keyAt,
});

/** A list of these items. */
export const listNode = (items: readonly Node[], at: Place, keyAt?: Place): ListNode => ({
  kind: 'list',
  items,
  at,
  keyAt,
});

/** Whether a node is a key without a value. */
export const isNull = (node: Node): boolean => node.kind === 'scalar' && node.type === 'null';

/** Whether a node is a text. */
export const isText = (node: Node | undefined): node is ScalarNode => node?.kind === 'scalar' && node.type === 'string';

/** The value under a key, when the node is a map that has it. */
export const child = (node: Node | undefined, key: string): Node | undefined =>
  node?.kind === 'map' ? node.entries.get(key) : undefined;

/** The text under a key, when it is text. */
export function childText(node: Node | undefined, key: string): string | undefined {
  const found = child(node, key);
  return isText(found) ? found.text : undefined;
}

/** What a node is, in the words of an error message. */
export function kindOf(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'reset' ? 'nothing' : `a ${node.kind}`;
  const words = {
    null: 'nothing',
    bool: 'true/false',
    int: 'a number',
    float: 'a number',
    string: 'text',
    time: 'a date',
  };
  return words[node.type];
}
