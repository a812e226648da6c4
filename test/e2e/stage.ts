import { readFile } from 'node:fs/promises';
import type { DeploymentStatus } from '#domain/deployment.ts';
import { type Deployment, getDeployment } from '#store/deployments.ts';
import { makeShop, type Shop, type ShopOptions } from '../support/shop.ts';
import { Slipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';

/** A server and one project on it. */
export interface Place {
  readonly slipway: Slipway;
  readonly shop: Shop;
  readonly stack: string;
  /** Commits what changed, pushes it, and waits for the end of what it started. */
  deploy(message?: string): Promise<Deployment>;
  /** Commits and pushes; the deployment goes on. @returns its id */
  begin(message?: string): Promise<number>;
  /** Lines of the processes that started since the last call (local engine). */
  starts(): Promise<number>;
  /** Waits until a deployment is at this stage. */
  reached(id: number, status: DeploymentStatus): Promise<void>;
  /** The instances that run now, by service and id. */
  running(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** @param running a server that runs; without it one is started. */
export async function openPlace(options: ShopOptions, running?: Slipway): Promise<Place> {
  const slipway = running ?? (await Slipway.start());
  const shop = await makeShop(options);
  const stack = `${shop.name}-prod`;
  let last = 0;
  let seen = 0;
  const begin = async (message = 'a change'): Promise<number> => {
    await shop.commit(message);
    await shop.push(slipway);
    last = await slipway.newest(stack, last);
    return last;
  };
  return {
    slipway,
    shop,
    stack,
    begin,
    deploy: async (message) => slipway.over(await begin(message)),
    starts: async () => {
      const lines = (await readFile(shop.starts, 'utf8').catch(() => '')).split('\n').length - 1;
      const fresh = lines - seen;
      seen = lines;
      return fresh;
    },
    reached: async (id, status) => {
      const { db } = await slipway.store();
      await until(`deployment ${id} ${status}`, async () => (await getDeployment(db, id)).status === status);
    },
    running: async () => {
      const { body } = await slipway.api('GET', `/v1/stacks/${stack}`);
      const { services } = body as { services: { name: string; instances: { id: string; state: string }[] }[] };
      return services
        .flatMap(({ name, instances }) => instances.map(({ id, state }) => `${name} ${id} ${state}`))
        .filter((line) => line.endsWith(' running'))
        .sort();
    },
    dispose: async () => {
      await slipway.dispose();
      await shop.remove();
    },
  };
}
