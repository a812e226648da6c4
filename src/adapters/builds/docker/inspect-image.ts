import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { z } from 'zod';
import { callEngine, statusOf } from './engine.ts';

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
  const soon = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  try {
    const stream = await callEngine(docker, { path: `/images/${reference}/json`, method: 'GET' }, soon);
    const { Id, RepoDigests, Config } = shape.parse(JSON.parse(await text(stream)));
    return { id: Id, digests: RepoDigests, labels: Config?.Labels ?? {} };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
