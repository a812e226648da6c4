import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { z } from 'zod';

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
  timeNano: z.number(),
});

type EngineEvent = z.output<typeof event>;

/** Writes down, beside Slipway, every change of a service's specification and every start of one of its containers. */
export interface SwarmObserver {
  /** Lines about services whose names begin so: `shop-prod_web: create`, `shop-prod_web: container start`. */
  about(prefix: string): Promise<readonly string[]>;
  close(): void;
}

export async function observeSwarm(socketPath: string): Promise<SwarmObserver> {
  const docker = new Docker({ socketPath });
  const stream = (await docker.getEvents({ filters: { type: ['service', 'container'] } })) as Readable;
  const lines: Promise<string | null>[] = [];
  let rest = '';
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') lines.push(lineOf(docker, event.parse(JSON.parse(part))));
  });
  return {
    about: async (prefix) =>
      (await Promise.all(lines)).filter((line): line is string => line?.startsWith(prefix) ?? false),
    close: () => stream.destroy(),
  };
}

/** The swarm's own steps of an update are no change of anybody's. */
async function lineOf(docker: Docker, seen: EngineEvent): Promise<string | null> {
  const { Type, Action, Actor } = seen;
  const { Attributes: about } = Actor;
  if (Type === 'service') {
    if (Object.keys(about).some((key) => key.startsWith('updatestate'))) return null;
    return Action === 'update' && (await isCompletion(docker, seen)) ? null : `${about.name}: ${Action}`;
  }
  const service = about['com.docker.swarm.service.name'];
  return service !== undefined && Action === 'start' ? `${service}: container start` : null;
}

/**
 * Now and then the swarm writes 'completed' to a service twice, some 0.5 s apart, and the event of the second says nothing of an
 * `updatestate`: it did not change. An event has the time of the service's version, and so has the completion.
 */
async function isCompletion(docker: Docker, { Actor, timeNano }: EngineEvent): Promise<boolean> {
  const service = await docker
    .getService(Actor.ID)
    .inspect()
    .catch(() => null);
  const { State, CompletedAt } = service?.UpdateStatus ?? {};
  return State === 'completed' && Math.abs(Date.parse(CompletedAt) - timeNano / 1e6) < 20;
}

/** What the tests' projects left on the engine: images that were built for them. */
export async function removeImagesOf(socketPath: string, project: string): Promise<void> {
  const docker = new Docker({ socketPath });
  const images = await docker.listImages({ all: false, filters: { label: [`slipway.project=${project}`] } });
  for (const image of images) {
    for (const tag of image.RepoTags ?? [])
      await docker
        .getImage(tag)
        .remove({ force: true })
        .catch(() => undefined);
    await docker
      .getImage(image.Id)
      .remove({ force: true })
      .catch(() => undefined);
  }
}
