import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomFrom, sample, seed } from '../support/random.ts';
import { failingTests, firstDeploy, oneOfThree, rollback } from './scenarios.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('local');
});
afterAll(() => stage.close());

test.each([firstDeploy, oneOfThree, rollback, failingTests])(
  '$name ends as it would have, wherever the server is killed',
  async (scenario) => {
    const { outcome, points } = await stage.record(scenario);
    expect(outcome).toMatchObject(scenario.ends);
    for (const point of sample(points, 1, randomFrom(seed))) {
      const { outcome: killed, resumedMs } = await stage.killAt(scenario, point);
      console.log(`killed at '${point}' of ${points.length} (SLIPWAY_SEED=${seed}), resumed after ${resumedMs} ms`);
      expect(killed, point).toEqual(outcome);
    }
  },
);
