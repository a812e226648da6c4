import { STATUS_CODES } from 'node:http';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorTable, messageOf, SlipwayError } from '#domain/errors.ts';

/** Problem details (RFC 9457). `code` and `hint` are Slipway's: what it is, and what to do. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().nullable(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problemSchema>;

/** What a thrown error is to the one who asked. What nobody worded says nothing of the inside. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof SlipwayError)
    return problem(thrown.code, errorTable[thrown.code].status, thrown.message, thrown.hint ?? null);
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const errors = thrown.validation.map(({ instancePath, message }) => ({
      path: instancePath,
      message: message ?? 'is wrong',
    }));
    return {
      ...problem(
        'input.invalid',
        400,
        errors.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; '),
        null,
      ),
      errors,
    };
  }
  const status =
    thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number'
      ? thrown.statusCode
      : 500;
  if (status < 500) return problem('input.invalid', status, messageOf(thrown), null);
  return problem('internal', 500, 'something went wrong inside Slipway', 'see the log of the server');
}

function problem(code: string, status: number, detail: string, hint: string | null): Problem {
  return { type: `urn:slipway:error:${code}`, title: STATUS_CODES[status] ?? 'Error', status, detail, code, hint };
}
