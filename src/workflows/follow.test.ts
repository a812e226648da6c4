import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Engine, Observed } from '#adapters/engines/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import type { Goal, Rollout } from '#domain/rollout/rollout.ts';
import type { Instance } from '#domain/stack/instance.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { follow } from './follow.ts';

const goal: Goal = { service: 'web', kind: 'service', stabilityMs: 0, failureBudget: 3, artifact: null };
const forEver = (): Promise<never> => new Promise(() => undefined);

/** An engine that answers each look in turn, the last for good; its event stream never says anything and listens to nobody. */
function engineOf(...looks: readonly (() => Promise<Observed>)[]): Engine {
  let next = 0;
  const engine: Pick<Engine, 'observe' | 'watch'> = {
    observe: () => (looks[Math.min(next++, looks.length - 1)] ?? forEver)(),
    watch: () => ({ [Symbol.asyncIterator]: () => ({ next: forEver, return: forEver }) }),
  };
  return engine as Engine;
}

const running: Instance = {
  id: 'a',
  service: 'web',
  slot: '1',
  node: null,
  state: 'running',
  health: 'healthy',
  current: true,
  artifact: null,
  message: null,
  exitCode: null,
  since: 0,
  failures: [],
  published: [],
};
const nothing = async (): Promise<Observed> => ({ things: [], instances: [], wanted: { web: 1 } });
const all = async (): Promise<Observed> => ({ things: [], instances: [running], wanted: { web: 1 } });

function run(engine: Engine, ms: number, waiting: string[] = []) {
  const startedAt = Date.now();
  const report = async (state: Rollout): Promise<void> => {
    if (state.at === 'progressing') waiting.push(...state.waiting);
  };
  return follow(
    { engine, stack: parseStackName('shop'), goals: [goal], startedAt, deadline: startedAt + ms, report },
    new AbortController().signal,
  );
}

it.concurrent('ends when all is well, although the engine’s event stream never ends', async () => {
  expect(await run(engineOf(nothing, all), 20_000)).toEqual({ at: 'done', unchecked: [] });
});

it.concurrent('fails at its deadline, saying why, when a look never comes back', async () => {
  const begun = Date.now();
  const end = await run(engineOf(nothing, forEver), 1200);
  expect(end).toMatchObject({ at: 'failed', failures: [{ service: 'web', why: expect.stringMatching(/in time/) }] });
  expect(Date.now() - begun).toBeLessThan(6000);
});

it.concurrent('goes on after a look that was not answered', async () => {
  const away = async (): Promise<Observed> => {
    throw new SlipwayError('engine.unreachable', 'the engine is away');
  };
  const waiting: string[] = [];
  expect(await run(engineOf(nothing, away, all), 20_000, waiting)).toMatchObject({ at: 'done' });
  expect(waiting).toContain('the engine is away');
});

it.concurrent('tells the engine to trim what runs too much for some seconds, and is done once that is gone', async () => {
  const old: Instance = { ...running, id: 'b', current: false };
  const crowded = async (): Promise<Observed> => ({ things: [], instances: [running, old], wanted: { web: 1 } });
  const trimmed: string[] = [];
  const engine = engineOf(crowded);
  engine.trim = async (_, service) => {
    trimmed.push(service);
    engine.observe = all;
  };
  expect(await run(engine, 20_000)).toMatchObject({ at: 'done' });
  expect(trimmed).toEqual(['web']);
}, 20_000);

it.concurrent('follows many at once to their ends while the collector runs', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const collecting = setInterval(collect, 10);
  try {
    const ends = await Promise.all(
      Array.from({ length: 30 }, (_, index) => run(index % 2 ? engineOf(nothing, all) : engineOf(nothing), 1500)),
    );
    expect(ends.map((end) => end.at)).toEqual(ends.map((_, index) => (index % 2 ? 'done' : 'failed')));
  } finally {
    clearInterval(collecting);
  }
}, 20_000);
