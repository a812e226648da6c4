import type { Diagnostic } from '#domain/compose/diagnostics.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Paints } from './output.ts';

/** An error for people: what happened to what, and what to do. The one place that words them. */
export interface Report {
  readonly text: string;
  readonly exitCode: number;
}

/** @param json one object on one line, for scripts */
export function reportOf(thrown: unknown, options: { readonly json: boolean; readonly paint: Paints }): Report {
  const { json, paint } = options;
  const isOurs = thrown instanceof SlipwayError;
  const code = isOurs ? thrown.code : 'internal';
  const exitCode = isOurs ? exitCodeOf(thrown.code) : exitCodes.failed.code;
  const hint = isOurs ? (thrown.hint ?? null) : null;
  const message = isOurs ? thrown.message : messageOf(thrown);
  if (json) {
    const diagnostics = diagnosticsOf(thrown);
    return {
      text: `${JSON.stringify({ error: { code, message, hint, ...(diagnostics && { diagnostics }) } })}\n`,
      exitCode,
    };
  }
  const head = `${paint.bad('error:')} ${message}\n`;
  // a message that has its hints in it needs no second one
  const told = hint === null || message.includes(hint) ? '' : `${paint.faint('  try:')} ${hint}\n`;
  const inside = isOurs && code !== 'internal' ? '' : stackOf(thrown);
  return { text: `${head}${told}${inside}`, exitCode };
}

const diagnosticsOf = (thrown: unknown): readonly Diagnostic[] | undefined =>
  thrown instanceof Error && 'diagnostics' in thrown && Array.isArray(thrown.diagnostics)
    ? thrown.diagnostics
    : undefined;

/** Where nobody worded it, the stack is what there is to report. */
const stackOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.stack !== undefined ? `${thrown.stack.split('\n').slice(1, 6).join('\n')}\n` : '';
