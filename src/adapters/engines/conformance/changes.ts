import { expect } from 'vitest';
import { ids, isAlive, isWell, needs, replicas, type StageTest } from './stage.ts';

/** Making, changing and removing things: each once, none without need. */
export function changes(it: StageTest): void {
  creating(it);
  reading(it);
  updating(it);
  scaling(it);
  removing(it);
}

function creating(it: StageTest): void {
  it('observes a stack that is not there as empty', async ({ stage }) => {
    expect(await stage.observe()).toEqual({ things: [], instances: [], wanted: {} });
  });

  it('creates a service, whose instances become running, healthy and current', async ({ stage }) => {
    const spec = stage.spec([stage.service('web', { mode: replicas(2) })]);
    await stage.create(spec);
    const instances = await stage.settled('web', 2);
    expect(instances.map((one) => [one.slot, one.state, one.health, one.current]).sort()).toEqual([
      ['1', 'running', 'healthy', true],
      ['2', 'running', 'healthy', true],
    ]);
    expect(new Set(ids(instances)).size).toBe(2);
    expect((await stage.observe()).wanted).toEqual({ web: 2 });
  });

  it('applies a change twice as it does once', async ({ stage }) => {
    const spec = stage.spec([stage.service('web', { mode: replicas(2) })]);
    await stage.create(spec);
    const before = await stage.settled('web', 2);
    const native = await stage.native('web');
    for (const action of ['create', 'update'] as const) {
      expect(await stage.applyService(spec, action, 'web')).toEqual(native);
      for (const network of spec.networks) await stage.apply(spec, action, { kind: 'network', name: network.key });
    }
    expect(ids(await stage.settled('web', 2))).toEqual(ids(before));
    expect(await stage.native('web')).toEqual(native);
  });

  it('makes one service of a change that is applied again after its first try was cut off', async ({ stage }) => {
    const spec = stage.spec([stage.service('web', { mode: replicas(2) })]);
    for (const network of spec.networks) await stage.apply(spec, 'create', { kind: 'network', name: network.key });
    const cut = new AbortController();
    const first = stage.apply(spec, 'create', { kind: 'service', name: 'web' }, cut.signal);
    setTimeout(() => cut.abort(), 5);
    await first.catch(() => undefined);
    await stage.create(spec);
    await stage.settled('web', 2);
    expect((await stage.observe()).things.filter((thing) => thing.kind === 'service')).toHaveLength(1);
  });

  it('runs one instance on each node of a global service', async ({ stage, skip }) => {
    needs(skip, stage, 'global');
    await stage.create(stage.spec([stage.service('agent', { mode: { kind: 'global' } })]));
    const nodes = (await stage.engine.nodes(stage.signal)).filter((node) => node.ready);
    const instances = await stage.settled('agent', nodes.length);
    expect(instances.map((one) => one.node).sort()).toEqual(nodes.map((node) => node.name).sort());
  });
}

function reading(it: StageTest): void {
  it('reads back what it wrote, and the same again while nothing changes', async ({ stage }) => {
    const spec = stage.spec([stage.service('web'), stage.service('api')]);
    await stage.create(spec);
    const written = await stage.applyService(spec, 'update', 'web');
    await stage.settled('web', 1);
    await stage.settled('api', 1);
    expect(await stage.native('web')).toEqual(written);
    const { things } = await stage.observe();
    expect((await stage.observe()).things).toEqual(things);
    expect(JSON.parse(JSON.stringify(things))).toEqual(things);
  });

  it('shows a change that was made behind its back in what it reads', async ({ stage }) => {
    const spec = stage.spec([stage.service('web')]);
    await stage.create(spec);
    await stage.settled('web', 1);
    const written = await stage.native('web');
    await stage.harness.meddle(stage.name, 'web');
    expect(await stage.native('web')).not.toEqual(written);
    expect(await stage.applyService(spec, 'update', 'web')).toEqual(written);
  });

  it('calls an instance current only once it is of the new specification', async ({ stage }) => {
    const web = (version: string) => stage.service('web', { environment: { VERSION: version } });
    await stage.create(stage.spec([web('1')]));
    const [before] = await stage.settled('web', 1);
    await stage.applyService(stage.spec([web('2')]), 'update', 'web');
    const right = (await stage.observe()).instances.filter((one) => one.current);
    expect(right.map((one) => one.id)).not.toContain(before?.id);
  });
}

function updating(it: StageTest): void {
  it('updates in place: other instances, the new environment, the old ones gone', async ({ stage }) => {
    const web = (version: string) => stage.service('web', { mode: replicas(2), environment: { VERSION: version } });
    await stage.create(stage.spec([web('1')]));
    const before = await stage.settled('web', 2);
    await stage.applyService(stage.spec([web('2')]), 'update', 'web');
    const [after, seen] = [await stage.settled('web', 2), (await stage.observe()).instances];
    expect(ids(after).filter((id) => ids(before).includes(id))).toEqual([]);
    expect(seen.filter((one) => ids(before).includes(one.id) && (isAlive(one) || one.current))).toEqual([]);
    for (const one of after) expect(JSON.parse((await stage.get(one, '/env')).body).VERSION).toBe('2');
  });

  it('never has fewer good instances than wanted while it updates start-first', async ({ stage, skip }) => {
    needs(skip, stage, 'start-first');
    const rollout = { order: 'start-first', parallelism: 1, delayMs: 0 } as const;
    const web = (version: string) => {
      const plain = stage.service('web', { mode: replicas(2), environment: { VERSION: version } });
      return { ...plain, rollout: { ...plain.rollout, ...rollout } };
    };
    await stage.create(stage.spec([web('1')]));
    const before = ids(await stage.settled('web', 2));
    await stage.applyService(stage.spec([web('2')]), 'update', 'web');
    await stage.until('all instances replaced', async () => {
      const well = (await stage.observe()).instances.filter((one) => one.service === 'web' && isWell(one));
      expect(well.length).toBeGreaterThanOrEqual(2);
      const fresh = well.filter((one) => one.current && !before.includes(one.id));
      return { done: fresh.length === 2, value: fresh, seen: well };
    });
  });

  it('replaces a service with one of the same name', async ({ stage }) => {
    const web = (version: string) => stage.service('web', { environment: { VERSION: version } });
    await stage.create(stage.spec([web('1')]));
    const before = await stage.settled('web', 1);
    await stage.applyService(stage.spec([web('2')]), 'replace', 'web');
    const [after] = await stage.settled('web', 1);
    expect(ids(before)).not.toContain(after?.id);
  });
}

function scaling(it: StageTest): void {
  it('scales up beside the instances that run, and down again', async ({ stage }) => {
    const web = (count: number) => stage.spec([stage.service('web', { mode: replicas(count) })]);
    await stage.create(web(1));
    const [first] = await stage.settled('web', 1);
    await stage.applyService(web(3), 'update', 'web');
    expect(ids(await stage.settled('web', 3))).toContain(first?.id);
    await stage.applyService(web(1), 'update', 'web');
    const left = await stage.settled('web', 1);
    expect(left[0]?.slot).toBe('1');
    expect((await stage.observe()).wanted).toEqual({ web: 1 });
  });

  it('trims nothing of a service that runs as it is wanted, nor of one that is not there', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { mode: replicas(2) })]));
    await stage.settled('web', 2);
    const before = await stage.observe();
    await stage.engine.trim(stage.name, 'web', stage.signal);
    await stage.engine.trim(stage.name, 'nobody', stage.signal);
    expect(await stage.observe()).toEqual(before);
  });
}

function removing(it: StageTest): void {
  it('removes one service and leaves the others as they are', async ({ stage }) => {
    const both = stage.spec([stage.service('web'), stage.service('api')]);
    await stage.create(both);
    await stage.settled('web', 1);
    const before = await stage.settled('api', 1);
    const rest = stage.spec([stage.service('api')]);
    for (const _ of ['once', 'twice']) expect(await stage.applyService(rest, 'remove', 'web')).toBeNull();
    await stage.settled('web', 0);
    const { things, wanted } = await stage.observe();
    expect(things.filter((thing) => thing.kind === 'service').map((thing) => thing.name)).toEqual(['api']);
    expect(wanted).toEqual({ api: 1 });
    expect(ids(await stage.settled('api', 1))).toEqual(ids(before));
  });

  it('removes a whole stack, and twice as once', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web'), stage.service('api')]));
    await stage.settled('web', 1);
    await stage.strike();
    await stage.strike();
    expect(await stage.observe()).toEqual({ things: [], instances: [], wanted: {} });
  });

  it('stops the instances of one service, keeps its specification and its logs', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { mode: replicas(2) })]));
    const [first] = await stage.settled('web', 2);
    for (const _ of ['once', 'twice']) await stage.engine.stop(stage.name, 'web', stage.signal);
    await stage.settled('web', 0);
    const { things, wanted } = await stage.observe();
    expect([things.some((thing) => thing.name === 'web'), wanted]).toEqual([true, { web: 0 }]);
    const lines = await stage.logs(first ? { instance: first.id } : {});
    expect(lines.map((line) => line.text)).toContain('hello from version none');
  });
}
