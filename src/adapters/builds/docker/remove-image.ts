import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { SlipwayError } from '#domain/errors.ts';
import { within } from '../../within.ts';
import { callEngine, engineError, statusOf } from './engine.ts';

/**
 * Removes one reference of an image, and the image with its last one. @returns `false` where a container uses it; one that
 * is not there is removed already. @throws SlipwayError `engine.unreachable`
 */
export async function removeImage(docker: Docker, reference: string, signal: AbortSignal): Promise<boolean> {
  const call = { path: `/images/${reference}`, method: 'DELETE' } as const;
  const late = () => new SlipwayError('engine.unreachable', `the Docker Engine does not answer (DELETE ${call.path})`);
  try {
    await within(signal, { ms: 60_000, late }, async (soon) => text(await callEngine(docker, call, soon)));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return true;
    if (statusOf(error) === 409) return false;
    throw engineError(error);
  }
}
