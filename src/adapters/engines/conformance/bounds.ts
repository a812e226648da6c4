import { expect } from 'vitest';
import { ids, Stage, type StageTest } from './stage.ts';

/** What an engine must not do, and must say. */
export function bounds(it: StageTest): void {
  it('refuses, naming it, what it cannot do', async ({ stage }) => {
    const [good, bad] = [stage.service('good'), stage.harness.impossible(stage.service('bad'))];
    const findings = await stage.engine.check(stage.spec([good, bad]), stage.signal);
    const refused = findings.filter((finding) => finding.level === 'refused');
    expect(new Set(refused.map((finding) => finding.service))).toEqual(new Set(['bad']));
    for (const finding of refused)
      expect(finding).toMatchObject({ field: expect.stringMatching(/./), message: expect.stringMatching(/./) });
    expect((await stage.observe()).things).toEqual([]);
  });

  it('leaves alone what is not its own', async ({ stage }) => {
    const untouched = await stage.harness.stranger(stage.name);
    await stage.create(stage.spec([stage.service('web')]));
    await stage.settled('web', 1);
    expect((await stage.observe()).instances.map((one) => one.service)).toEqual(['web']);
    await stage.engine.prune(stage.name, new Set(), stage.signal);
    await stage.strike();
    expect(await untouched()).toBe(true);
  });

  it('leaves the other stacks alone', async ({ stage }) => {
    const other = new Stage(stage.harness);
    try {
      await other.create(other.spec([other.service('web')]));
      const before = ids(await other.settled('web', 1));
      await stage.create(stage.spec([stage.service('web')]));
      await stage.settled('web', 1);
      await stage.strike();
      expect(ids(await other.settled('web', 1))).toEqual(before);
    } finally {
      await other.strike();
    }
  });

  it('ends what it does when its signal is aborted', async ({ stage }) => {
    const ended = AbortSignal.abort();
    const { engine, name } = stage;
    const spec = stage.spec([stage.service('web')]);
    await expect(engine.observe(name, ended)).rejects.toThrow();
    await expect(stage.apply(spec, 'create', { kind: 'service', name: 'web' }, ended)).rejects.toThrow();
    expect((await stage.observe()).things).toEqual([]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    for await (const _ of engine.watch(name, stop.signal)) expect(stop.signal.aborted).toBe(false);
  });

  it('names its nodes', async ({ stage }) => {
    const nodes = await stage.engine.nodes(stage.signal);
    expect(nodes.some((node) => node.ready)).toBe(true);
    for (const node of nodes)
      expect(node).toMatchObject({ name: expect.stringMatching(/./), cpus: expect.any(Number) });
  });
}
