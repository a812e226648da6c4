import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#store/test-store.ts';
import { Slipway } from '../support/slipway.ts';
import { type PortProxy, proxyPort } from '../support/socket-proxy.ts';
import { openPlace, type Place } from './stage.ts';

/** How long the database is away, ms: SLIPWAY_DATABASE_AWAY_MS=60000 for a minute. */
const awayMs = Number(process.env.SLIPWAY_DATABASE_AWAY_MS ?? 15_000);

describe('a server with a PostgreSQL that is not its own', () => {
  let postgres: TestStore;
  let proxy: PortProxy;
  let place: Place;

  beforeAll(async () => {
    postgres = await startTestStore();
    const direct = new URL(await postgres.emptyDatabase());
    proxy = await proxyPort(Number(direct.port));
    const url = new URL(direct.href);
    url.port = String(proxy.port);
    const slipway = await Slipway.prepare({ url: url.href, direct: direct.href });
    await slipway.run();
    place = await openPlace({ cluster: 'local', deadline: '20s' }, slipway);
  });
  afterAll(async () => {
    await place?.dispose();
    await proxy.close();
    await postgres.stop();
  });

  test('deploys, and goes on where it was after it was killed', async () => {
    const { slipway, shop } = place;
    expect(await place.deploy('first')).toMatchObject({ status: 'succeeded' });
    await place.starts();
    await shop.behave('web', { startMs: 1500 });
    const id = await place.begin();
    await place.reached(id, 'deploying');
    await slipway.kill();
    await slipway.run();
    expect(await slipway.over(id)).toMatchObject({ status: 'succeeded' });
    expect(await place.starts()).toBe(4);
  });

  test('says that the database is away while it is, and finishes a deployment once it is back', async () => {
    const { slipway, shop } = place;
    await shop.behave('web', { startMs: 500 });
    const id = await place.begin();
    await place.reached(id, 'testing');
    await proxy.cut();
    const asked = slipway.api('GET', '/v1/deployments');
    await sleep(awayMs);
    await proxy.mend();
    // who asked meanwhile waited, or was told
    expect([200, 503]).toContain((await asked).status);
    const ended = await slipway.over(id, 120_000);
    expect(ended.status, ended.reason ?? '').toBe('succeeded');
    expect(await place.starts()).toBe(4);
    expect(await place.running()).toHaveLength(3);
  });
});
