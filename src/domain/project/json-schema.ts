import { z } from 'zod';
import { projectSchema } from './schema.ts';

/** The JSON Schema of slipway.yaml, as it is published for editors: `docs/schema/slipway.schema.json`. */
export function publishedSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(projectSchema, { io: 'input', target: 'draft-7' }), null, 2)}
`;
}
