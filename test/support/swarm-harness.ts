import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import tar from 'tar-stream';
import type { Harness } from '#adapters/engines/conformance/stage.ts';
import { swarmEngine } from '#adapters/engines/swarm/swarm.ts';
import { canonical } from '#domain/stack/hash.ts';
import type { ServiceSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';

const program = new URL('../../src/adapters/engines/conformance/program.mjs', import.meta.url);

/** The swarm engine on a real Docker Engine, with an image of the suite's program. */
export async function swarmHarness(socketPath: string): Promise<Harness> {
  const docker = new Docker({ socketPath });
  const image = await programImage(docker);
  const versionKey = randomBytes(32);
  const engine = swarmEngine({
    engine: { docker },
    versionKey,
    specHash: (value) => createHmac('sha256', versionKey).update(canonical(value)).digest('hex'),
  });
  return {
    engine,
    versionKey,
    patienceMs: 60_000,
    fit: (service, artifact) => runnable(service, artifact === 'program' ? image : `sha256:${'0'.repeat(64)}`),
    impossible: (service) => ({ ...service, host: { ...service.host, privileged: true } }),
    meddle: async (stack, service) => {
      const live = docker.getService(`${stack}_${service}`);
      const { Spec, Version } = await live.inspect();
      Spec.TaskTemplate.ContainerSpec.Env = [...(Spec.TaskTemplate.ContainerSpec.Env ?? []), 'MEDDLED=yes'];
      await live.update({ ...Spec, version: Number(Version.Index) });
    },
    stranger: (stack) => stranger(docker, stack, image),
    dispose: () => engine.close(),
  };
}

/** Built once; the engine's cache makes the next time quick. Gives back the image's ID. */
async function programImage(docker: Docker): Promise<string> {
  const pack = tar.pack();
  pack.entry({ name: 'program.mjs' }, await readFile(program, 'utf8'));
  pack.entry({ name: 'Dockerfile' }, 'FROM node:20-slim\nCOPY program.mjs /program.mjs\n');
  pack.finalize();
  const tag = 'slipway-conformance:latest';
  const output = await text(await docker.buildImage(Readable.from(pack), { t: tag }));
  if (output.includes('"error"')) throw new Error(output);
  return (await docker.getImage(tag).inspect()).Id;
}

function runnable(service: ServiceSpec, image: string): ServiceSpec {
  return {
    ...service,
    artifact: { kind: 'image', reference: 'slipway-conformance:latest', pinned: image, commit: null },
    command: ['node', '/program.mjs', '/tmp/well'],
    // Swarm publishes on every address: the suite asks for loopback
    ports: service.ports.map((port) => ({ ...port, hostIp: null })),
    health: service.health && { ...service.health, test: ['CMD-SHELL', 'test -f /tmp/well'] },
  };
}

/** A service, a network and a volume of the stack's own namespace that somebody else made. */
async function stranger(docker: Docker, stack: StackName, image: string): Promise<() => Promise<boolean>> {
  const Labels = { 'com.docker.stack.namespace': stack };
  const network = await docker.createNetwork({ Name: `${stack}_other`, Driver: 'overlay', Labels });
  const volume = await docker.createVolume({ Name: `${stack}_other`, Labels });
  const service = await docker.createService({
    Name: `${stack}_other`,
    Labels,
    TaskTemplate: { ContainerSpec: { Image: image, Command: ['sleep', '1000'], Init: true, Labels } },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: 'dnsrr' },
  });
  const read = async () =>
    canonical([await docker.getService(service.id).inspect(), await network.inspect(), await volume.inspect()]);
  const before = await read();
  return async () => {
    const same = (await read()) === before;
    await docker.getService(service.id).remove();
    await network.remove();
    for (let left = 100; left > 0; left -= 1) {
      const removed = await volume.remove().then(
        () => true,
        () => false,
      );
      if (removed) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return same;
  };
}
