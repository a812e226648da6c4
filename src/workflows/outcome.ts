import { type ErrorCode, errorTable, messageOf, SlipwayError } from '#domain/errors.ts';

/** Why something did not happen, as a plain value: it survives a checkpoint and a restart. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

/** What a step came to. An expected failure is a value; only what may pass by itself is thrown and tried again. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Whatever was thrown as plain data, which a workflow can keep. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof SlipwayError) return { code: thrown.code, message: thrown.message, hint: thrown.hint ?? null };
  return { code: 'internal', message: messageOf(thrown), hint: null };
}

/** May this pass by itself? Errors that nobody worded are taken for it too: a database or socket that went away. */
export function mayPass(thrown: unknown): boolean {
  if (thrown instanceof SlipwayError) return errorTable[thrown.code].kind !== 'person';
  return !(thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError);
}

/** A failure as people read it. */
export const reasonOf = (failure: Failure): string =>
  failure.hint === null ? failure.message : `${failure.message}\n→ ${failure.hint}`;
