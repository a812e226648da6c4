import { describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';
import { randomFrom, sample, seed } from '../support/random.ts';
import { cancelled, failingTests, firstDeploy, oneOfThree, rollback } from './scenarios.ts';
import { Stage } from './stage.ts';

const engine = await bed();

describe.each([
  { kind: 'local', socketPath: null },
  ...(engine?.swarm ? [{ kind: 'swarm', socketPath: engine.socketPath } as const] : []),
] as const)('on the $kind engine', ({ kind, socketPath }) => {
  test.each([firstDeploy, oneOfThree, rollback, failingTests, ...(kind === 'local' ? [cancelled] : [])])(
    '$name ends as it would have, wherever the server is killed',
    async (scenario) => {
      const stage = await Stage.open(socketPath);
      try {
        const { outcome, points } = await stage.record(scenario);
        expect(outcome).toMatchObject(scenario.ends);
        expect(outcome.seen).toEqual([...scenario.seen[kind]].sort());
        for (const point of sample(points, 1, randomFrom(seed))) {
          const { outcome: killed, resumedMs } = await stage.killAt(scenario, point);
          console.log(`killed at '${point}' of ${points.length} (SLIPWAY_SEED=${seed}), resumed after ${resumedMs} ms`);
          expect(killed, point).toEqual(outcome);
        }
      } finally {
        await stage.close();
      }
    },
  );
});
