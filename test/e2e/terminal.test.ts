import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStackName } from '#domain/stack-name.ts';
import { openClusters } from '../../src/clusters.ts';
import { bed } from '../bed/bed.ts';
import { Slipway } from '../support/slipway.ts';
import { removeImagesOf } from '../support/swarm-observer.ts';
import { until } from '../support/until.ts';
import { openPlace, type Place } from './stage.ts';

const engine = await bed();
const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const tsx = new URL(import.meta.resolve('tsx')).pathname;

describe.skipIf(!engine?.swarm)('a terminal in an instance on a swarm', () => {
  const socketPath = engine?.socketPath ?? '';
  let place: Place;

  beforeAll(async () => {
    const slipway = await Slipway.start();
    await slipway.addSwarm('swarm', socketPath);
    place = await openPlace({ cluster: 'swarm' }, slipway);
    expect(await place.deploy('first')).toMatchObject({ status: 'succeeded' });
  });
  afterAll(async () => {
    const { slipway, stack, shop } = place;
    const clusters = openClusters({ store: await slipway.store(), dataDirectory: slipway.data, log: () => undefined });
    const { engine: swarm } = await clusters.get('swarm');
    await swarm.remove(parseStackName(stack), { volumes: true }, AbortSignal.timeout(30_000));
    await clusters.close();
    await place.dispose();
    await removeImagesOf(socketPath, shop.name);
  });

  /** `slipway exec` in a terminal, which util-linux's `script` makes: what it is given are keys. */
  async function inTerminal(...command: readonly string[]) {
    const line = [process.execPath, '--import', tsx, main, 'exec', '-t', place.stack, 'web', '--', ...command];
    const child = spawn('script', ['-qfec', line.map((word) => `'${word}'`).join(' '), '/dev/null'], {
      env: { ...process.env, SLIPWAY_URL: place.slipway.url, SLIPWAY_TOKEN: await place.slipway.token() },
    });
    let screen = '';
    child.stdout.on('data', (bytes: Buffer) => {
      screen += bytes.toString();
    });
    return {
      press: (keys: string) => child.stdin.write(keys),
      shows: (text: string | RegExp) =>
        until(`${text} on the screen`, async () => screen.search(text) >= 0).catch((thrown: Error) => {
          throw new Error(`the screen is: ${screen}`, { cause: thrown });
        }),
      ended: async (): Promise<number | null> => {
        if (child.exitCode === null) await once(child, 'exit');
        return child.exitCode;
      },
    };
  }

  test('a shell answers to keys, Ctrl-C is its own, and its exit code is ours', async () => {
    const shell = await inTerminal('sh');
    shell.press('tty\r');
    await shell.shows('/dev/pts/');
    shell.press('sleep 1000\r');
    await shell.shows('sleep 1000');
    shell.press('\x03');
    shell.press('echo $((6 * 7))\r');
    await shell.shows('42');
    shell.press('exit 9\r');
    expect(await shell.ended()).toBe(9);
  });
});
