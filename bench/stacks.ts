import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { until } from '../test/support/until.ts';

const namespace = 'com.docker.stack.namespace';
const filtersOf = (stack: string) => ({ filters: { label: [`${namespace}=${stack}`] } });
const limitMs = 240_000;

/**
 * Says when all `count` tasks of a stack run, whoever deploys it: nobody's own word counts. It hears the engine's events and
 * looks at the tasks only from when so many containers have started, so that looking slows nobody down.
 */
export async function observeRunning(
  docker: Docker,
  stack: string,
  count: number,
): Promise<{ readonly at: Promise<number> }> {
  const filters = { type: ['container'], event: ['start'], label: [`${namespace}=${stack}`] };
  const stream = new Readable().wrap(await docker.getEvents({ filters: JSON.stringify(filters) }));
  let started = 0;
  stream.on('data', (chunk: Buffer) => {
    started += chunk
      .toString()
      .split('\n')
      .filter((line) => line.trim() !== '').length;
  });
  stream.on('error', () => undefined);
  const watch = async (): Promise<number> => {
    const look = async () =>
      started >= count ? ((await runningTasks(docker, stack)) >= count ? performance.now() : null) : null;
    try {
      return await until(`${count} running tasks of ${stack}`, look, limitMs, 10);
    } finally {
      stream.destroy();
    }
  };
  const at = watch();
  // who fails before asking is told by what failed
  at.catch(() => undefined);
  return { at };
}

async function runningTasks(docker: Docker, stack: string): Promise<number> {
  const { filters } = filtersOf(stack);
  const tasks = (await docker.listTasks({ filters: { ...filters, 'desired-state': ['running'] } })) as {
    readonly Status?: { readonly State?: string };
  }[];
  return tasks.filter((task) => task.Status?.State === 'running').length;
}

/** Name → version of every service of a stack: what a write would move. */
export async function serviceVersions(docker: Docker, stack: string): Promise<Readonly<Record<string, number>>> {
  const services = await docker.listServices(filtersOf(stack));
  return Object.fromEntries(services.map(({ Spec, Version }) => [Spec?.Name ?? '', Number(Version?.Index)]));
}

/** Removes a stack's services, waits for their containers' end, and removes its networks: the same for every side. */
export async function removeStack(docker: Docker, stack: string): Promise<void> {
  const filters = filtersOf(stack);
  const gone = (thrown: unknown): void => {
    if (!(thrown instanceof Error && 'statusCode' in thrown && thrown.statusCode === 404)) throw thrown;
  };
  for (const { ID } of await docker.listServices(filters)) await docker.getService(ID).remove().catch(gone);
  const left = async () => (await docker.listContainers({ all: true, ...filters })).length === 0;
  await until(`the end of the containers of ${stack}`, left, 60_000, 200);
  const removeNetworks = async () => {
    const networks = await docker.listNetworks(filters);
    for (const { Id } of networks) await docker.getNetwork(Id).remove().catch(gone);
    return networks.length === 0;
  };
  await until(`the end of the networks of ${stack}`, removeNetworks, 60_000, 200);
}

/** Lets the engine finish what the round before left it to do. */
export const settle = (): Promise<void> => sleep(1000);
