import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ground } from './ground.ts';
import type { Measurement, Prepared } from './measurement.ts';
import { composeOf, makeProject } from './project.ts';
import { run, timed } from './run.ts';
import { removeStack, serviceVersions } from './stacks.ts';
import { deployTool } from './tool.ts';

const count = 50;
const key = 'redeploy';

/**
 * The same commit again, of services with no replicas: what it costs to find out that nothing is to be done. The docker client
 * pins images to digests as Slipway does (its default), and, in a second row, leaves tags as they are.
 */
export const redeploy: Measurement = {
  name: 'redeploy',
  about: `a redeployment of ${count} services with no change, and what it writes`,
  prepare,
};

async function prepare(ground: Ground): Promise<Prepared | null> {
  const swarm = await ground.swarm();
  if (swarm === null) return null;
  const { docker, image, bed } = swarm;
  const name = `bench${randomUUID().slice(0, 8)}`;
  const compose = composeOf(count, image, 0);
  const tool = await deployTool(ground);
  const project = await makeProject(name, compose);
  ground.atEnd(project.remove);
  const [theirs, file] = [`${name}-docker`, join(tmpdir(), `${name}.yaml`)];
  ground.atEnd(() => rm(file, { force: true }));
  await writeFile(file, compose);
  const client = swarm.client ?? '/usr/bin/docker';
  // without --detach=false, which waits for each service in turn: 256 s for these 50, none of which runs
  const stackDeploy = (resolve: 'always' | 'never') => () =>
    run(client, ['-H', `unix://${bed.socketPath}`, 'stack', 'deploy', '--resolve-image', resolve, '-c', file, theirs]);
  await tool.prepare(project);
  await tool.deploy(project);
  await stackDeploy('always')();
  const writes = { slipway: 0, docker: 0 };
  const counted = async (side: keyof typeof writes, stack: string, work: () => Promise<unknown>) => {
    const before = await serviceVersions(docker, stack);
    const sample = { [key]: await timed(work) };
    const after = await serviceVersions(docker, stack);
    writes[side] = Object.keys(after).filter((service) => before[service] !== after[service]).length;
    return sample;
  };
  return {
    sides: [
      { name: 'slipway', run: () => counted('slipway', project.stack, () => tool.deploy(project)) },
      { name: 'docker', run: () => counted('docker', theirs, stackDeploy('always')) },
      { name: 'unpinned', run: () => counted('docker', theirs, stackDeploy('never')) },
    ],
    rows: [
      {
        what: `redeploy ${count}, no change`,
        ours: { side: 'slipway', key },
        theirs: { side: 'docker', key, name: 'docker stack deploy' },
        goal: 0.5,
      },
      {
        what: `redeploy ${count}, no change`,
        ours: { side: 'slipway', key },
        theirs: { side: 'unpinned', key, name: 'with tags left as they are (--resolve-image never)' },
      },
    ],
    notes: () => [
      `services written: slipway ${writes.slipway} of ${count}, docker stack deploy ${writes.docker} of ${count}`,
    ],
    remove: async () => {
      for (const stack of [project.stack, theirs]) await removeStack(docker, stack);
    },
  };
}
