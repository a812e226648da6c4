import { describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';
import { cancelled, firstDeploy, oneOfThree, rollback } from '../kill/scenarios.ts';
import { Stage } from '../kill/stage.ts';
import { randomFrom, sample, seed } from '../support/random.ts';

/** A seeded sample of test/kill/matrix.test.ts, which kills at every point. */
const engine = await bed();
const local = [firstDeploy, rollback, cancelled].map(
  (scenario) => ({ scenario, kind: 'local', socketPath: null }) as const,
);
const swarm =
  engine?.swarm && process.env.SLIPWAY_KILL_SWARM !== '0'
    ? [{ scenario: oneOfThree, kind: 'swarm', socketPath: engine.socketPath } as const]
    : [];

describe('a server that is killed', () => {
  test.each([...local, ...swarm])(
    'finishes $scenario.name on the $kind engine as it would have',
    async ({ scenario, kind, socketPath }) => {
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
    300_000,
  );
});
