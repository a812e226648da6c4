import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { z } from 'zod';

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
});

/** Writes down, beside Slipway, every change of a service's specification and every start of one of its containers. */
export interface SwarmObserver {
  /** Lines about services whose names begin so: `shop-prod_web: create`, `shop-prod_web: container start`. */
  about(prefix: string): readonly string[];
  close(): void;
}

export async function observeSwarm(socketPath: string): Promise<SwarmObserver> {
  const docker = new Docker({ socketPath });
  const stream = (await docker.getEvents({ filters: { type: ['service', 'container'] } })) as Readable;
  const lines: string[] = [];
  let rest = '';
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = part === '' ? null : lineOf(event.parse(JSON.parse(part)));
      if (line !== null) lines.push(line);
    }
  });
  return { about: (prefix) => lines.filter((line) => line.startsWith(prefix)), close: () => stream.destroy() };
}

/** The swarm's own steps of an update (`updatestate.new`) are no change of anybody's. */
function lineOf({ Type, Action, Actor }: z.output<typeof event>): string | null {
  const { Attributes: about } = Actor;
  if (Type === 'service')
    return Object.keys(about).some((key) => key.startsWith('updatestate')) ? null : `${about.name}: ${Action}`;
  const service = about['com.docker.swarm.service.name'];
  return service !== undefined && Action === 'start' ? `${service}: container start` : null;
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
