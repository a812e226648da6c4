import { SlipwayError } from '#domain/errors.ts';
import { diskFull } from '../build-failed.ts';

/** Words what a registry said, through the engine. @param what what did not work */
export function registryError(host: string, what: string, said: string): SlipwayError {
  const full = diskFull(said);
  if (full) return full;
  if (isDenial(said))
    return new SlipwayError('registry.denied', `${what}: ${host} says: ${said}`, `slipway registry login ${host}`);
  return new SlipwayError('registry.unreachable', `${what}: ${said}`, `does the engine reach ${host}?`);
}

/** Whether a registry wants other credentials than it got. */
export const isDenial = (said: string): boolean =>
  /denied|unauthorized|authentication required|no basic auth|forbidden|incorrect username/i.test(said);
