import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

const reference = z.looseObject({ $ref: z.string() });
const prefix = '#/components/schemas/';

/**
 * Puts the shapes that have a name into the document. The library offers each twice, as it is sent and as it is answered:
 * those that no operation refers to are left out.
 */
export const withNamedShapes: typeof jsonSchemaTransformObject = (document) => {
  const whole = jsonSchemaTransformObject(document);
  const schemas = 'components' in whole ? whole.components?.schemas : undefined;
  if (!schemas) return whole;
  const used = namesUsed(whole.paths, schemas);
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
  return whole;
};

/** The names that are referred to, directly or by a shape that is. */
function namesUsed(root: unknown, schemas: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const target = reference.safeParse(value).data?.$ref;
    const name = target?.startsWith(prefix) ? target.slice(prefix.length) : undefined;
    if (name !== undefined && !used.has(name)) {
      used.add(name);
      visit(schemas[name]);
    }
    for (const item of Object.values(value)) visit(item);
  };
  visit(root);
  return used;
}
