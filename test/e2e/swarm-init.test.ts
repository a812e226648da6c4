import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desk, type Said } from '../support/cli.ts';
import { maySpare, type SpareEngine, spareEngine } from '../support/spare-engine.ts';

describe.skipIf(!maySpare)('a Docker Engine that is in no swarm', () => {
  let desk: Desk;
  let engine: SpareEngine;
  beforeAll(async () => {
    [desk, engine] = [await Desk.make(), await spareEngine()];
    expect(await desk.slipway(['up', '--detach', '--port', '0'])).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await desk.dispose();
    await engine.stop();
  });
  const add = (...more: readonly string[]): Promise<Said> =>
    desk.slipway(['cluster', 'add', 'spare', '--socket', engine.socketPath, ...more]);

  test('it is not made one unasked: the command says how, and nothing is registered', async () => {
    expect(await add()).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/is in no swarm\n {2}try: make it one with --init <address>/),
    });
    expect((await engine.docker.info()).Swarm.LocalNodeState).toBe('inactive');
    expect((await desk.slipway(['cluster', 'ls'])).stdout).not.toContain('spare');
  });

  test('an address that is not this machine’s is refused in the engine’s words', async () => {
    const said = await add('--init', '203.0.113.7');
    expect(said.code).not.toBe(0);
    expect(said.stderr).toContain('203.0.113.7');
    expect((await desk.slipway(['cluster', 'ls'])).stdout).not.toContain('spare');
  });

  test('with --init it is a swarm of one node, registered, and a second time it is only used', async () => {
    expect(await add('--init', '127.0.0.1')).toMatchObject({
      code: 0,
      stdout: "cluster 'spare' is registered: 1 node\n",
    });
    const { Swarm } = await engine.docker.info();
    expect(Swarm).toMatchObject({ LocalNodeState: 'active', ControlAvailable: true });
    expect((await desk.slipway(['cluster', 'ls'])).stdout).toMatch(/spare +swarm +reachable +\S+ \(manager\)/);
    expect(await desk.slipway(['cluster', 'rm', 'spare'])).toMatchObject({ code: 0 });
    expect(await add('--init', '127.0.0.1')).toMatchObject({ code: 0 });
    expect((await engine.docker.info()).Swarm.Cluster.ID).toBe(Swarm.Cluster.ID);
  });
});
