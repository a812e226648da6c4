import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { IdempotentRequest } from '#store/idempotency.ts';

/** `Idempotency-Key` on what deploys: the same key, from the same token, acts once, and gives the same deployment for a day. */
export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z.string().min(1).max(200).optional(),
});

/** A request under its key. One without gets a key of its own, so that a transaction that is done again acts once. */
export function idempotent(request: FastifyRequest, about: unknown): IdempotentRequest {
  const given = idempotencyHeaders.parse(request.headers)['idempotency-key'];
  const route = `${request.method} ${request.url}`;
  return {
    key: given === undefined ? randomUUID() : `${request.by}/${given}`,
    route,
    bodyHash: createHash('sha256').update(JSON.stringify(about)).digest('hex'),
  };
}
