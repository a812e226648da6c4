import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getDeployment, listDeployments } from '#store/deployments.ts';
import { layoutOf } from '#store/embedded/initialise.ts';
import { readPostmaster } from '#store/embedded/postmaster.ts';
import { latestStable } from '#store/revisions.ts';
import { until } from '../support/until.ts';
import { openPlace, type Place } from './stage.ts';

/** The database goes away, the server stops or dies, pushes come in a crowd: what was asked for is done, once. */
describe('a project on the local engine', () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace({ cluster: 'local', deadline: '20s' });
    expect(await place.deploy('first')).toMatchObject({ status: 'succeeded' });
    await place.starts();
  });
  afterAll(() => place.dispose());

  test('a clean stop in the middle of a deployment is no failure: the next start finishes it', async () => {
    const { slipway, shop } = place;
    await shop.behave('jobs', { startMs: 1500 });
    const id = await place.begin();
    await place.reached(id, 'deploying');
    await slipway.stop();
    await slipway.run();
    expect(await slipway.over(id)).toMatchObject({ status: 'succeeded' });
    // three of the test stack, and the one that changed
    expect(await place.starts()).toBe(4);
  });

  test('the database is killed again and again during a deployment, and it ends as it would have', async () => {
    const { slipway, shop } = place;
    await shop.behave('web', { startMs: 1000 });
    const id = await place.begin();
    const { cluster } = layoutOf(slipway.data);
    for (let left = 4; left > 0; left -= 1) {
      await until('a database to kill', async () => {
        const file = await readPostmaster(cluster);
        return file?.ready === true && process.kill(file.pid, 'SIGKILL');
      });
      await sleep(900);
    }
    expect(await slipway.over(id)).toMatchObject({ status: 'succeeded' });
    expect(await place.starts()).toBe(4);
  });

  test('of many pushes in a row the newest wins, at most three are built, and the others say that they are superseded', async () => {
    const { slipway, shop, stack } = place;
    const count = Number(process.env.SLIPWAY_PUSHES ?? 40);
    const before = await slipway.newest(stack);
    const commits: string[] = [];
    for (let index = 0; index < count; index += 1) {
      await shop.behave('web', { startMs: index });
      commits.push(await shop.commit(`push ${index}`));
    }
    const started = Date.now();
    for (const commit of commits) await shop.push(slipway, `${commit}:refs/heads/main`);
    const tookMs = Date.now() - started;
    const store = await slipway.store();
    const last = await slipway.newest(stack);
    expect(await slipway.over(last)).toMatchObject({ status: 'succeeded', commit: commits.at(-1) });
    const all = (await listDeployments(store.db, { stack }, { limit: 300 })).filter(({ id }) => id > before);
    expect(all).toHaveLength(count);
    const others = all.filter(({ id }) => id !== last);
    const built = all.filter((deployment) => deployment.build !== null);
    console.log(`R5: ${count} pushes in ${tookMs} ms, ${built.length} built`);
    expect(others.filter(({ status }) => status !== 'superseded' && status !== 'succeeded')).toEqual([]);
    expect(built.length).toBeLessThanOrEqual(3);
    await place.starts();
  });

  test('bad revisions in a row each go back to the last stable one, which stays the target', async () => {
    const { slipway, shop, stack } = place;
    const store = await slipway.store();
    const stable = await latestStable(store.db, stack);
    const count = Number(process.env.SLIPWAY_BAD_REVISIONS ?? 3);
    for (let index = 0; index < count; index += 1) {
      await shop.behave('web', { info: `bad${index}bad${index}`.replaceAll('b', 'c').replaceAll('d', 'e') });
      const { status, reason } = await place.deploy(`bad ${index}`);
      expect(status, reason ?? '').toBe('rolled-back');
      expect(reason).toContain(`returned to stable revision ${stable?.number}`);
    }
    // each once forward and once back, and three of the test stack
    expect(await place.starts()).toBe(count * 5);
    expect(await latestStable(store.db, stack)).toEqual(stable);
  });

  test('a commit that changes nothing writes nothing and starts nothing but its tests', async () => {
    const { slipway, shop } = place;
    await shop.behave('web', { startMs: 5 });
    expect(await place.deploy()).toMatchObject({ status: 'succeeded' });
    await place.starts();
    const { id, status } = await place.deploy('an empty commit');
    expect(status).toBe('succeeded');
    expect(await place.starts()).toBe(3);
    const store = await slipway.store();
    const changes = await store.db.selectFrom('changes').selectAll().where('deployment', '=', id).execute();
    expect(changes.filter((change) => change.attempt !== 'test')).toEqual([]);
  });

  test('the deadline holds over a restart: it fails at the same moment, with the reason and the last lines', async () => {
    const { slipway, shop } = place;
    await shop.write('slipway.yaml', (await slipwayFile(shop.folder)).replace('deadline: 20s', 'deadline: 8s'));
    await shop.behave('web', { healthy: false, onlyLive: true });
    const id = await place.begin();
    const { deadlineAt } = await until('its deadline', async () => {
      const found = await getDeployment((await slipway.store()).db, id);
      return found.deadlineAt === null ? null : { deadlineAt: found.deadlineAt };
    });
    await slipway.kill();
    await sleep(4000);
    await slipway.run();
    const backAt = Date.now();
    const rollingBack = await until('its failure', async () => {
      const store = await slipway.store();
      const rows = await store.db.selectFrom('events').selectAll().where('deployment', '=', id).execute();
      return rows.find((row) => row.type === 'deployment.rolling-back');
    });
    expect(rollingBack.time).toBeGreaterThanOrEqual(deadlineAt - 100);
    console.log(
      `R9: failed ${rollingBack.time - deadlineAt} ms after its deadline, the server was back ${backAt - deadlineAt} ms after it`,
    );
    // a server that is back too late sees at once that time is up
    expect(rollingBack.time - Math.max(deadlineAt, backAt)).toBeLessThan(backAt < deadlineAt ? 2500 : 15_000);
    const { status, reason } = await slipway.over(id);
    expect(status).toBe('rolled-back');
    expect(reason).toContain('web: not done by its deadline');
    expect(reason).toContain('| starting');
  });
});

const slipwayFile = async (folder: string): Promise<string> => readFile(`${folder}/slipway.yaml`, 'utf8');
