import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { within } from '../../within.ts';
import { callEngine, engineError, statusOf } from './engine.ts';

const shape = z.object({
  Id: z.string(),
  RepoDigests: z
    .array(z.string())
    .nullish()
    .transform((digests) => digests ?? []),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** What the engine knows of an image that it has. */
export interface LocalImage {
  readonly id: string;
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An image of the engine's own, by reference, digest or ID. @throws SlipwayError `engine.unreachable` */
export async function inspectImage(
  docker: Docker,
  reference: string,
  signal: AbortSignal,
): Promise<LocalImage | undefined> {
  const call = { path: `/images/${reference}/json`, method: 'GET' } as const;
  const late = () => new SlipwayError('engine.unreachable', `the Docker Engine does not answer (GET ${call.path})`);
  try {
    const said = await within(signal, { ms: 30_000, late }, async (soon) => text(await callEngine(docker, call, soon)));
    const { Id, RepoDigests, Config } = shape.parse(JSON.parse(said));
    return { id: Id, digests: RepoDigests, labels: Config?.Labels ?? {} };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw engineError(error);
  }
}
