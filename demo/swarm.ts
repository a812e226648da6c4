import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import Docker from 'dockerode';
import { within } from '#adapters/within.ts';
import { answer } from '#client/client.ts';
import { messageOf } from '#domain/errors.ts';
import { clearSwarm } from './clear-swarm.ts';
import type { Ground, Preparing } from './ground.ts';
import { done, during } from './screen.ts';
import { Trouble, told } from './trouble.ts';

const baseImages = ['node:20-slim', 'postgres:16', 'redis:7'];
const pullMs = 600_000;

/**
 * Registers the Docker Engine at DOCKER_HOST, or /var/run/docker.sock, as a cluster; makes it a swarm when that is wanted; and
 * sees to the images that the sample is made from.
 * @throws Trouble saying what is missing
 */
export async function swarmGround({ slipway, options, screen, signal }: Preparing): Promise<Ground> {
  const socketPath = socketOf(process.env.DOCKER_HOST);
  const docker = new Docker({ socketPath });
  const init = await needsInit(slipway, socketPath, options.init, screen.isTerminal, signal);
  const body = { name: 'swarm', engine: 'swarm' as const, settings: { socketPath }, init };
  const cluster = await answer(slipway.api.POST('/v1/clusters', { body, signal }));
  const made = init === null ? '' : ', which is a swarm now';
  done(
    screen,
    `the Docker Engine at ${socketPath}${made}: ${cluster.nodes.length} node${cluster.nodes.length === 1 ? '' : 's'}`,
  );
  if (cluster.nodes.length > 1)
    throw new Trouble(
      `that swarm has ${cluster.nodes.length} nodes, and the demo has no registry from which they could take its images`,
      'run it on a swarm of one node',
    );
  for (const image of baseImages) await during(screen, `${image} is looked for`, ensureImage(docker, image, signal));
  // a name of its own: nobody's stack is in the way, and no other demo's
  const project = `marketplace-${randomBytes(3).toString('hex')}`;
  return {
    cluster: 'swarm',
    project,
    endings: () => endingsOf(docker, project),
    clear: (running) => clearSwarm(running, docker, project),
  };
}

function socketOf(host: string | undefined): string {
  if (host === undefined || host === '') return '/var/run/docker.sock';
  const path = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (path !== undefined) return path;
  throw new Trouble(
    `DOCKER_HOST is '${host}'`,
    'the demo talks to a socket of this machine: unix:///var/run/docker.sock',
  );
}

/** @returns how to make the engine a swarm, `null` where it is one */
async function needsInit(
  { api }: Preparing['slipway'],
  socketPath: string,
  wanted: boolean,
  isTerminal: boolean,
  signal: AbortSignal,
): Promise<{ readonly advertiseAddr: string } | null> {
  const { state } = await answer(api.GET('/v1/swarm-state', { params: { query: { socketPath } }, signal })).catch(
    (thrown: unknown) => {
      signal.throwIfAborted();
      throw new Trouble(
        `no Docker Engine answers at ${socketPath}: ${messageOf(thrown)}`,
        [told(thrown).hint, 'another socket is named by DOCKER_HOST', 'without Docker, leave out --engine swarm']
          .filter((line) => line !== '')
          .join('\n'),
        thrown,
      );
    },
  );
  if (state === 'manager') return null;
  if (state === 'worker')
    throw new Trouble(`the Docker Engine at ${socketPath} is a worker of its swarm`, 'run the demo on a manager');
  if (wanted || (isTerminal && process.stdin.isTTY === true && (await agrees(socketPath, signal))))
    // loopback: this swarm is for this machine alone
    return { advertiseAddr: '127.0.0.1' };
  throw new Trouble(`the Docker Engine at ${socketPath} is in no swarm`, 'let the demo make it one: --init');
}

async function agrees(socketPath: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = `  The Docker Engine at ${socketPath} is in no swarm. Make it one, for this machine alone? [y/N] `;
    return /^y(es)?$/i.test((await lines.question(question, { signal })).trim());
  } finally {
    lines.close();
  }
}

/** @throws Trouble for an image that is neither there nor to be had */
async function ensureImage(docker: Docker, image: string, signal: AbortSignal): Promise<void> {
  const isThere = await docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (isThere) return;
  const late = (): Trouble => new Trouble(`it took longer than ${pullMs / 60_000} minutes`);
  try {
    await within(signal, { ms: pullMs, late }, (limited) => pull(docker, image, limited));
  } catch (thrown) {
    signal.throwIfAborted();
    throw new Trouble(
      `the image ${image} is not there, and cannot be pulled: ${messageOf(thrown)}`,
      `the sample is made from ${baseImages.join(', ')}: pull or load them first`,
      thrown,
    );
  }
}

async function pull(docker: Docker, image: string, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
  });
}

async function endingsOf(docker: Docker, project: string): Promise<readonly string[]> {
  const services = await docker.listServices({ filters: { label: [`slipway.project=${project}`] } });
  const tasks = await docker.listTasks({ filters: { service: services.map((one) => one.ID) } });
  return tasks.flatMap((task) => {
    const name = services.find((one) => one.ID === task.ServiceID)?.Spec?.Name;
    return task.Status?.Err === undefined ? [] : [`${name}: ${task.Status.Err}`];
  });
}
