import { SlipwayError } from '../errors.ts';
import { ComposeError, composeError } from './diagnostics.ts';
import type { Place } from './node.ts';

/** How the loader reads files: the shell's disk on a user's machine, one commit's tree on the server. */
export interface ComposeFiles {
  /** Text of a file, or undefined when there is none. `path` is absolute. @throws SlipwayError `compose.outside_checkout` */
  read(path: string): string | undefined;
}

/** Reads a file that another one names; its refusal to leave the checkout is told with the place that asked for it. */
export function readFrom(files: ComposeFiles, path: string, at: Place, field: string): string | undefined {
  try {
    return files.read(path);
  } catch (error) {
    if (error instanceof ComposeError || !(error instanceof SlipwayError)) throw error;
    const { message, hint } = composeError(at, field, error.message, error.hint);
    throw new SlipwayError(error.code, message, hint, error);
  }
}
