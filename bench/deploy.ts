import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ground, Swarm } from './ground.ts';
import type { Measurement, Prepared, Row, Sample, Side } from './measurement.ts';
import { composeOf, makeProject } from './project.ts';
import { run } from './run.ts';
import { observeRunning, removeStack, settle } from './stacks.ts';
import { deployByApi, deployTool, pushTo } from './tool.ts';

/**
 * A first deployment of so many services to a swarm. `exits`: until the tool knows that all are healthy (Slipway: after its
 * stability window of 5 s; the docker client: after its own 5 s a service, one after another). `running`: until all tasks run,
 * as an observer sees it who is none of the three.
 */
export const deploys: readonly Measurement[] = [1, 5, 10, 20].map((count) => ({
  name: `deploy-${count}`,
  about: `first deployment of ${count} service${count === 1 ? '' : 's'} to a swarm`,
  prepare: (ground) => prepare(ground, count),
}));

/** One way to deploy: makes the stack of that name so, and returns when it thinks it is done. */
type Way = (stack: string) => Promise<{ readonly stack: string; go(): Promise<unknown> }>;

async function prepare(ground: Ground, count: number): Promise<Prepared | null> {
  const swarm = await ground.swarm();
  if (swarm === null) return null;
  const made = new Set<string>();
  const side = (name: string, way: Way, rounds?: number): Side => ({
    name,
    ...(rounds === undefined ? {} : { rounds }),
    run: () => deployOnce(swarm, made, count, way),
  });
  const { client } = swarm;
  if (client === null) ground.say('  no docker client here can wait for `stack deploy`: that side is left out');
  const sides = [
    side('slipway', await slipwayWay(ground, swarm, count)),
    side('engine', (stack) => engineWay(swarm, stack, count)),
    ...(count === 1
      ? [
          side('program', (stack) => programWay(swarm, stack, count)),
          side('request', await requestWay(ground, swarm, count)),
        ]
      : []),
    // it takes 5.4 s a service
    ...(client === null
      ? []
      : [side('docker', (stack) => dockerWay(ground, swarm, client, stack, count), count >= 10 ? 2 : 3)]),
  ];
  const remove = async () => {
    for (const stack of made) await removeStack(swarm.docker, stack);
  };
  return { sides, rows: rowsOf(count), remove };
}

function rowsOf(count: number): readonly Row[] {
  const goal = count >= 10 ? 0.2 : count >= 5 ? 0.3 : undefined;
  const what = `deploy ${count}`;
  return [
    {
      what: `${what}: until the tool exits`,
      ours: { side: 'slipway', key: 'exits' },
      theirs: { side: 'docker', key: 'exits', name: 'docker stack deploy --detach=false' },
      ...(goal === undefined ? {} : { goal }),
    },
    {
      what: `${what}: until all run`,
      ours: { side: 'slipway', key: 'running' },
      theirs: { side: 'engine', key: 'running', name: 'Engine API at once' },
      goal: 1.25,
    },
    ...(count === 1 ? likeWithLike(what) : []),
  ];
}

/**
 * In the row above a command that is started stands against calls of a process that runs already. One service comes up so fast that
 * the start of a process shows: here a command stands against a command, and calls against calls.
 */
const likeWithLike = (what: string): readonly Row[] => [
  {
    what: `${what}: until all run, both from the start of a command`,
    ours: { side: 'slipway', key: 'running' },
    theirs: { side: 'program', key: 'running', name: 'a program of Engine API calls' },
    goal: 1.25,
  },
  {
    what: `${what}: until all run, both from the first request`,
    ours: { side: 'request', key: 'running' },
    theirs: { side: 'engine', key: 'running', name: 'Engine API at once' },
    goal: 1.25,
  },
];

async function deployOnce({ docker }: Swarm, made: Set<string>, count: number, way: Way): Promise<Sample> {
  const { stack, go } = await way(`bench${randomUUID().slice(0, 8)}`);
  made.add(stack);
  const observer = await observeRunning(docker, stack, count);
  await settle();
  const start = performance.now();
  await go();
  const exits = performance.now() - start;
  const running = (await observer.at) - start;
  await removeStack(docker, stack);
  made.delete(stack);
  return { exits, running };
}

async function slipwayWay(ground: Ground, { image }: Swarm, count: number): Promise<Way> {
  const tool = await deployTool(ground);
  return async (name) => {
    const project = await makeProject(name, composeOf(count, image, 1));
    ground.atEnd(project.remove);
    await tool.prepare(project);
    return { stack: project.stack, go: () => tool.deploy(project) };
  };
}

async function requestWay(ground: Ground, { image }: Swarm, count: number): Promise<Way> {
  const slipway = await ground.server();
  return async (name) => {
    const project = await makeProject(name, composeOf(count, image, 1));
    ground.atEnd(project.remove);
    await pushTo(slipway, project);
    return { stack: project.stack, go: () => deployByApi(slipway, project) };
  };
}

async function dockerWay(
  ground: Ground,
  { image, bed }: Swarm,
  client: string,
  stack: string,
  count: number,
): ReturnType<Way> {
  const file = join(tmpdir(), `${stack}.yaml`);
  ground.atEnd(() => rm(file, { force: true }));
  await writeFile(file, composeOf(count, image, 1));
  const argv = ['stack', 'deploy', '--detach=false', '--resolve-image', 'never', '-c', file, stack];
  return { stack, go: () => run(client, ['-H', `unix://${bed.socketPath}`, ...argv]) };
}

/** What no tool can be faster than: the network, then all services at once, as bare as they can be. */
function bareStack({ pinned }: Swarm, stack: string, count: number) {
  const labels = { 'com.docker.stack.namespace': stack };
  const network = { Name: `${stack}_default`, Driver: 'overlay', Attachable: true, Labels: labels };
  const services = Array.from({ length: count }, (_, index) => ({
    Name: `${stack}_s${index}`,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: { Image: pinned, Args: ['sleep', '1000000'], Init: true, Env: [`INDEX=${index}`], Labels: labels },
      Networks: [{ Target: network.Name, Aliases: [`s${index}`] }],
    },
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: 'dnsrr' as const },
  }));
  return { network, services };
}

/** Sent by this process, which runs already. */
async function engineWay(swarm: Swarm, stack: string, count: number): ReturnType<Way> {
  const { docker } = swarm;
  const { network, services } = bareStack(swarm, stack, count);
  const go = async () => {
    await docker.createNetwork(network);
    await Promise.all(services.map((service) => docker.createService(service)));
  };
  return { stack, go };
}

/** Sent by a program that is started for it, as `slipway` and `docker` are. */
async function programWay(swarm: Swarm, stack: string, count: number): ReturnType<Way> {
  const order = { socketPath: swarm.bed.socketPath, ...bareStack(swarm, stack, count) };
  return { stack, go: () => run(process.execPath, [engineCalls, JSON.stringify(order)]) };
}

const engineCalls = new URL('./engine-calls.mjs', import.meta.url).pathname;
