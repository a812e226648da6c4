import { expect } from 'vitest';
import { isWell, needs, type StageTest } from './stage.ts';

/** What an engine says of its instances: well, unwell, ended, and why. */
export function states(it: StageTest): void {
  running(it);
  failures(it);
  jobs(it);
}

function running(it: StageTest): void {
  it('calls a service without a health check running and unchecked', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { health: null })]));
    const [one] = await stage.settled('web', 1);
    expect(one).toMatchObject({ state: 'running', health: 'unchecked', exitCode: null });
    expect(one?.artifact).toEqual(expect.any(String));
  });

  it('says of an artifact that is not there that it is missing', async ({ stage }) => {
    const spec = stage.spec([stage.service('web')]);
    const web = stage.harness.fit(spec.services[0] ?? stage.service('web'), 'missing');
    await stage.create(stage.spec([web]));
    const one = await stage.some('web', 'a reason', (instance) => {
      expect(instance.state).not.toBe('running');
      return Boolean(instance.message) || instance.failures.some((failure) => failure.message !== '');
    });
    expect(one.health).not.toBe('healthy');
  });

  it('never calls an instance well whose health check fails', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { environment: { BEHAVE: 'sick' } })]));
    const told = await stage.until('unhealthy, or a failure', async () => {
      const { instances } = await stage.observe();
      expect(instances.filter(isWell)).toEqual([]);
      const found = instances.find((one) => one.health === 'unhealthy' || one.failures.length > 0);
      return { done: found !== undefined, value: found, seen: instances };
    });
    expect(told.message ?? told.failures.at(-1)?.message ?? '').not.toBe('');
  });

  it('starts an instance again that ends, as another one or with another start', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    await stage.get(one, '/end?code=4');
    await stage.some('web', 'running again', (next) => isWell(next) && (next.id !== one.id || next.since > one.since));
  });
}

function failures(it: StageTest): void {
  it('counts the failed starts of a crash loop, in its own words', async ({ stage }) => {
    const crashing = stage.service('web', { environment: { BEHAVE: 'crash', EXIT_CODE: '3' } });
    await stage.create(stage.spec([crashing]));
    const one = await stage.some('web', 'two failures', (instance) => instance.failures.length >= 2);
    expect(one.current).toBe(true);
    for (const failure of one.failures) {
      expect(failure.message).toMatch(/3/);
      expect(failure.at).toBeGreaterThan(Date.now() - 600_000);
    }
    expect(one.failures.map((failure) => failure.at)).toEqual(one.failures.map((failure) => failure.at).sort());
  });

  it('forgets the failures of an old specification with a new one', async ({ stage }) => {
    const web = (behave: string) => stage.service('web', { environment: { BEHAVE: behave } });
    await stage.create(stage.spec([web('crash')]));
    await stage.some('web', 'a failure', (instance) => instance.failures.length >= 1);
    await stage.applyService(stage.spec([web('well')]), 'update', 'web');
    const [one] = await stage.settled('web', 1);
    expect(one?.failures).toEqual([]);
  });

  it('leaves a service that may not restart as failed, with its exit code', async ({ stage }) => {
    const once = { condition: 'none', delayMs: null, maxAttempts: null, windowMs: null } as const;
    const web = stage.service('web', { environment: { BEHAVE: 'crash', EXIT_CODE: '7' }, restart: once });
    await stage.create(stage.spec([web]));
    const one = await stage.some('web', 'failed', (instance) => instance.state === 'failed');
    expect([one.exitCode, one.message]).toEqual([7, expect.stringMatching(/7/)]);
  });
}

function jobs(it: StageTest): void {
  it('runs a job to its end, once', async ({ stage, skip }) => {
    needs(skip, stage, 'jobs');
    const environment = { BEHAVE: 'job' };
    const job = stage.service('job', { mode: { kind: 'job', completions: 1 }, environment, health: null });
    const spec = stage.spec([job]);
    await stage.create(spec);
    const done = await stage.some('job', 'completed', (instance) => instance.state === 'completed');
    expect(done).toMatchObject({ exitCode: 0, current: true });
    await stage.applyService(spec, 'update', 'job');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { instances } = await stage.observe();
    expect(instances.map((one) => [one.id, one.state])).toEqual([[done.id, 'completed']]);
  });

  it('runs a job again when its specification changed', async ({ stage, skip }) => {
    needs(skip, stage, 'jobs');
    const job = (version: string) => {
      const environment = { BEHAVE: 'job', VERSION: version };
      return stage.spec([stage.service('job', { mode: { kind: 'job', completions: 1 }, environment, health: null })]);
    };
    await stage.create(job('1'));
    const first = await stage.some('job', 'completed', (one) => one.state === 'completed');
    await stage.applyService(job('2'), 'update', 'job');
    const next = await stage.some('job', 'completed again', (one) => one.state === 'completed' && one.current);
    expect(next.id).not.toBe(first.id);
    const lines = await stage.logs({ instance: next.id });
    expect(lines.map((line) => line.text)).toContain('hello from version 2');
  });

  it('says with which exit code a job failed', async ({ stage, skip }) => {
    needs(skip, stage, 'jobs');
    const restart = { condition: 'none', delayMs: null, maxAttempts: null, windowMs: null } as const;
    const environment = { BEHAVE: 'job', EXIT_CODE: '9' };
    const mode = { kind: 'job', completions: 1 } as const;
    await stage.create(stage.spec([stage.service('job', { mode, environment, restart, health: null })]));
    const failed = await stage.some('job', 'failed', (one) => one.state === 'failed' || one.failures.length > 0);
    expect(`${failed.exitCode} ${failed.message} ${failed.failures.at(-1)?.message}`).toMatch(/9/);
  });
}
