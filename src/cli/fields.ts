import { z } from 'zod';

/** One argument or option of a command, read off its zod object: help, parsing, completion and docs use this. */
export interface Field {
  /** In the object: `dataFolder`. */
  readonly key: string;
  /** On the command line: `data-folder`. */
  readonly flag: string;
  readonly short: string | null;
  readonly kind: 'flag' | 'text' | 'number' | 'list';
  readonly about: string;
  /** What may be said; empty: anything. */
  readonly values: readonly string[];
  readonly required: boolean;
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly short?: unknown;
}

/** The fields of a command's arguments, in their order. `short` is given by `.meta({ short: 'f' })`. */
export function fieldsOf(schema: z.ZodObject): readonly Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([key, value]) => {
    const property: Property = typeof value === 'object' ? (value as Property) : {};
    return {
      key,
      flag: key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      short: typeof property.short === 'string' ? property.short : null,
      kind: kindOf(property.type),
      about: property.description ?? '',
      values: (property.enum ?? []).map(String),
      required: required.includes(key),
    };
  });
}

function kindOf(type: string | undefined): Field['kind'] {
  if (type === 'boolean') return 'flag';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'array' ? 'list' : 'text';
}
