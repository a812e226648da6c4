/**
 * Every error that Slipway words for a person, in one table.
 *
 * `kind` says what the caller does with it: `retry` (it may pass by itself), `wait` (something must happen elsewhere
 * first), `person` (somebody must change something). `status` is the HTTP status of its problem details (RFC 9457).
 */
const table = {
  // what a user wrote
  'compose.invalid': { kind: 'person', status: 422 },
  'compose.unreadable': { kind: 'person', status: 422 },
  'compose.outside_checkout': { kind: 'person', status: 422 },
  'project.invalid': { kind: 'person', status: 422 },
  'stack.name_invalid': { kind: 'person', status: 422 },
  'input.invalid': { kind: 'person', status: 400 },
  'cli.usage': { kind: 'person', status: 400 },
  // who asks, and for what
  'auth.required': { kind: 'person', status: 401 },
  'idempotency.mismatch': { kind: 'person', status: 422 },
  not_found: { kind: 'person', status: 404 },
  conflict: { kind: 'person', status: 409 },
  // sources
  'source.git_missing': { kind: 'person', status: 500 },
  'source.refused': { kind: 'person', status: 422 },
  'source.timeout': { kind: 'retry', status: 504 },
  'source.unreachable': { kind: 'retry', status: 502 },
  // builds
  'build.failed': { kind: 'person', status: 422 },
  'build.no_dockerfile': { kind: 'person', status: 422 },
  'image.not_found': { kind: 'person', status: 422 },
  'registry.unreachable': { kind: 'retry', status: 502 },
  'registry.denied': { kind: 'person', status: 422 },
  // plans and engines
  'plan.refused': { kind: 'person', status: 422 },
  'engine.unreachable': { kind: 'retry', status: 502 },
  'engine.refused': { kind: 'person', status: 422 },
  'engine.no_instance': { kind: 'person', status: 404 },
  'tests.failed': { kind: 'person', status: 422 },
  'deployment.cancelled': { kind: 'person', status: 409 },
  'deployment.superseded': { kind: 'person', status: 409 },
  'deploy.failed': { kind: 'person', status: 422 },
  // the server itself
  'server.unreachable': { kind: 'retry', status: 502 },
  'store.unavailable': { kind: 'retry', status: 503 },
  'channel.gone': { kind: 'person', status: 422 },
  'channel.unreachable': { kind: 'retry', status: 502 },
  'data.locked': { kind: 'person', status: 409 },
  'data.unreachable': { kind: 'person', status: 500 },
  'data.damaged': { kind: 'person', status: 500 },
  'secret.wrong_key': { kind: 'person', status: 500 },
  'disk.full': { kind: 'wait', status: 507 },
  internal: { kind: 'person', status: 500 },
} as const satisfies Record<string, { readonly kind: 'retry' | 'wait' | 'person'; readonly status: number }>;

export type ErrorCode = keyof typeof table;
export const errorTable: Readonly<
  Record<ErrorCode, { readonly kind: 'retry' | 'wait' | 'person'; readonly status: number }>
> = table;

/** An error worded for a person: what happened to which thing (`message`), and what to do (`hint`). */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SlipwayError';
    this.code = code;
    this.hint = hint;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
