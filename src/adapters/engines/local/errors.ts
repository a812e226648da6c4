import { messageOf, SlipwayError } from '#domain/errors.ts';
import { DamagedFile } from './record.ts';

/** Does the work; what the disk or the system refuses is thrown as an error that names `what` failed, and why. */
export async function worded<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wordedError(what, error);
  }
}

/** A failed call to the system in Slipway’s words; every other error stays as it is. */
export function wordedError(what: string, error: unknown): unknown {
  if (error instanceof SlipwayError) return error;
  if (error instanceof DamagedFile)
    return new SlipwayError(
      'data.damaged',
      `${what}: ${error.message}`,
      'restore the file, or remove the stack',
      error,
    );
  const code = (error as NodeJS.ErrnoException).code;
  const message = `${what}: ${messageOf(error)}`;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SlipwayError('disk.full', message, 'free some space in the data folder', error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new SlipwayError('engine.refused', message, 'give the user of Slipway the rights to its data folder', error);
  // an abort is the caller's own
  return code === undefined || typeof code !== 'string' || code === 'ABORT_ERR'
    ? error
    : new SlipwayError('engine.unreachable', message, undefined, error);
}
