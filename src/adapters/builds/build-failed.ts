import { SlipwayError } from '#domain/errors.ts';

/** How many lines of output an error shows. */
export const linesShown = 20;

/**
 * @param what which step of which service failed, and how
 * @returns `build.failed`, with the last lines of the output below the message
 */
export function buildFailed(what: string, lines: readonly string[], hint?: string, cause?: unknown): SlipwayError {
  const shown = lines.slice(-linesShown).map((line) => `\n  | ${line}`);
  return new SlipwayError('build.failed', `${what}${shown.join('')}`, hint, cause);
}

/** @returns `disk.full` where the text says so */
export function diskFull(text: string, cause?: unknown): SlipwayError | undefined {
  if (!/no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i.test(text)) return undefined;
  return new SlipwayError('disk.full', 'the disk is full: the build could not write', 'free some space', cause);
}
