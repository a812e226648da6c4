import { z } from 'zod';
import { projectSchema } from './schema.ts';
import { serviceSchema } from './service-keys.ts';

/** The JSON Schemas that are published for editors, by their file in `docs/schema`: slipway.yaml, and a service's `x-slipway`. */
export const publishedSchemas: Readonly<Record<string, () => string>> = {
  'slipway.schema.json': () => printed(projectSchema),
  'x-slipway.schema.json': () => printed(serviceSchema),
};

const printed = (schema: z.ZodType): string =>
  `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }), null, 2)}\n`;
