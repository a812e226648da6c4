import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Slipway } from '../support/slipway.ts';
import { openPlace, type Place } from './stage.ts';

/** Only root may mount a disk that is small enough to be filled. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!mayMount)('a data folder on a small disk', () => {
  let folder: string;
  let place: Place;
  let ballast: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-disk-'));
    ballast = join(folder, 'ballast');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=755', 'slipway-test', folder]);
    const slipway = Slipway.on(join(folder, 'data'));
    await slipway.run();
    place = await openPlace({ cluster: 'local', deadline: '20s' }, slipway);
    expect(await place.deploy('first')).toMatchObject({ status: 'succeeded' });
    await place.starts();
  });
  afterAll(async () => {
    await place?.dispose();
    execFileSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true, force: true });
  });

  /** Fills the disk up to so many bytes. */
  async function fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    // somebody else's write in between makes the last bytes one's own no longer: full is full
    await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left))).catch(
      (thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'ENOSPC') throw thrown;
      },
    );
  }
  afterEach(() => rm(ballast, { force: true }));

  test('that takes a push and has no room for its files says so, touches nothing that runs, and deploys it once there is room', async () => {
    const { slipway, shop, stack } = place;
    const [before, last] = [await place.running(), await slipway.newest(stack)];
    // a push of some kilobytes, files of some megabytes
    await shop.write('jobs/big.txt', 'x'.repeat(8_000_000));
    await shop.commit('big');
    await fill(4_000_000);
    expect(await shop.push(slipway)).toMatch(/nothing is deployed yet: the disk is full/);
    expect(await place.running()).toEqual(before);
    await rm(ballast);
    expect(await slipway.over(await slipway.newest(stack, last))).toMatchObject({ status: 'succeeded' });
  });

  test('that has no room for a push refuses it, and takes it once there is some', async () => {
    const { slipway, shop } = place;
    await shop.write('jobs/random.txt', randomBytes(3_000_000).toString('base64'));
    await shop.commit('does not compress');
    await fill(1_000_000);
    await expect(shop.push(slipway)).rejects.toThrow(/no space left|unpack failed|write error/i);
    await rm(ballast);
    expect(await place.deploy('and again')).toMatchObject({ status: 'succeeded' });
  });

  test('that is full for a while in the middle of a deployment only delays it: nothing is done twice', async () => {
    const { slipway, shop } = place;
    await place.starts();
    await shop.behave('web', { startMs: 2000 });
    const id = await place.begin();
    await place.reached(id, 'deploying');
    await fill(0);
    await sleep(4000);
    await rm(ballast);
    const ended = await slipway.over(id);
    expect(ended.status, ended.reason ?? '').toBe('succeeded');
    // three of the test stack, and the one that changed
    expect(await place.starts()).toBe(4);
  });
});
