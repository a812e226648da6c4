import type Docker from 'dockerode';
import { answer } from '#client/client.ts';
import type { RunningSlipway } from './slipway.ts';
import { Trouble } from './trouble.ts';
import { until } from './until.ts';

const cancelMs = 120_000;
const removeMs = 180_000;

/**
 * Removes the project's stacks with their volumes, through Slipway, and the images that were built for it.
 * @throws Trouble naming what is left
 */
export async function clearSwarm(slipway: RunningSlipway, docker: Docker, project: string): Promise<void> {
  await endDeployments(slipway);
  const { items } = await answer(slipway.api.GET('/v1/stacks', { params: { query: { project } } }));
  for (const { name } of items) await removeStack(slipway, name);
  const filters = { label: [`slipway.project=${project}`] };
  for (const { Id } of await docker.listImages({ filters })) await docker.getImage(Id).remove({ force: true });
  const left = await leftOf(docker, filters);
  if (left.length > 0) throw new Trouble(`still on the engine: ${left.join(', ')}`);
}

/** A deployment that was interrupted is cancelled, and its test stack goes with it. */
async function endDeployments({ api }: RunningSlipway): Promise<void> {
  const { items } = await answer(api.GET('/v1/deployments'));
  for (const { id, over } of items) {
    if (over) continue;
    await api.POST('/v1/deployments/{id}/cancel', { params: { path: { id } } });
    await overBy(api, id, cancelMs);
  }
}

async function removeStack({ api }: RunningSlipway, stack: string): Promise<void> {
  const params = { path: { stack }, query: { volumes: true } };
  const { id } = await answer(api.DELETE('/v1/stacks/{stack}', { params }));
  await overBy(api, id, removeMs);
}

async function overBy(api: RunningSlipway['api'], id: number, limitMs: number): Promise<void> {
  const look = async (): Promise<true | undefined> =>
    (await answer(api.GET('/v1/deployments/{id}', { params: { path: { id } } }))).over || undefined;
  await until(`the end of deployment ${id}`, look, limitMs, new AbortController().signal);
}

/** What of the project is still there. */
async function leftOf(docker: Docker, filters: { readonly label: string[] }): Promise<readonly string[]> {
  const [services, containers, volumes, networks, images] = await Promise.all([
    docker.listServices({ filters }),
    docker.listContainers({ all: true, filters }),
    docker.listVolumes({ filters }),
    docker.listNetworks({ filters }),
    docker.listImages({ filters }),
  ]);
  return [
    ...services.map((one) => `service ${one.Spec?.Name}`),
    ...containers.map((one) => `container ${one.Names[0]}`),
    ...(volumes.Volumes ?? []).map((one) => `volume ${one.Name}`),
    ...networks.map((one) => `network ${one.Name}`),
    ...images.map((one) => `image ${one.RepoTags?.[0] ?? one.Id}`),
  ];
}
