import { describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';
import { randomFrom, sample, seed } from '../support/random.ts';
import { differences } from './outcome.ts';
import { cancelled, failingTests, firstDeploy, oneOfThree, rollback } from './scenarios.ts';
import { type Scenario, Stage } from './stage.ts';

/**
 * SIGKILL at every point of a first deploy; of the other courses at every point that a first deploy does not have, and a
 * few that it has. SLIPWAY_KILL_ONLY=<part of a point> looks at some of them; SLIPWAY_KILL_SWARM=<count> at so many of each
 * course on the swarm, seeded; 0 leaves the swarm out. Lanes: servers side by side, enough to keep two cores busy. With them a kill
 * takes some 2 s on the local engine and 7 on a swarm; one after the other it takes 20 and more, most of them spent waiting.
 */
const engine = await bed();
const kinds = [
  { kind: 'local', socketPath: null, lanes: 5 },
  ...(engine?.swarm && process.env.SLIPWAY_KILL_SWARM !== '0'
    ? [{ kind: 'swarm', socketPath: engine.socketPath, lanes: 5 } as const]
    : []),
] as const;
const only = process.env.SLIPWAY_KILL_ONLY;
const swarmPoints = process.env.SLIPWAY_KILL_SWARM;
const sharedPoints = 4;

describe.each(kinds)('on the $kind engine', ({ kind, socketPath, lanes }) => {
  const ofFirst = new Set<string>();

  test.each([firstDeploy, oneOfThree, rollback, failingTests, cancelled])(
    '$name ends as it would have, wherever the server is killed',
    async (scenario) => {
      const stages = await Promise.all(Array.from({ length: lanes }, () => Stage.open(socketPath)));
      try {
        const [first] = stages;
        if (!first) throw new Error('no lane');
        const { outcome, points } = await first.record(scenario);
        expect(outcome).toMatchObject(scenario.ends);
        expect(outcome.seen).toEqual([...scenario.seen[kind]].sort());
        const all = choose(scenario, points, ofFirst);
        const isBounded = kind === 'swarm' && swarmPoints !== undefined;
        const chosen = isBounded ? sample(all, Number(swarmPoints), randomFrom(seed)) : all;
        const left = [...chosen];
        const resumed: number[] = [];
        const differing: string[] = [];
        const work = async (stage: Stage): Promise<void> => {
          for (let point = left.shift(); point !== undefined; point = left.shift()) {
            const told = await stage.killAt(scenario, point).then(
              (killed) => {
                resumed.push(killed.resumedMs ?? 0);
                return differences(outcome, killed.outcome);
              },
              (thrown: Error) => [thrown.stack],
            );
            if (told.length === 0) continue;
            differing.push(`killed at ${point}: ${told.join('\n')}`);
            // at once, since the whole takes long
            console.error(differing.at(-1));
          }
        };
        await Promise.all(stages.map(work));
        resumed.sort((a, b) => a - b);
        const [median, slowest] = [resumed[resumed.length >> 1], resumed.at(-1)];
        console.log(
          `R1/R2 ${kind}, ${scenario.name}: killed at ${chosen.length} of ${points.length} points, ${differing.length} ended otherwise, resumed after ${median} ms (slowest ${slowest} ms), SLIPWAY_SEED=${seed}`,
        );
        expect(differing, differing.join('\n')).toEqual([]);
      } finally {
        await Promise.all(stages.map((stage) => stage.close()));
      }
    },
    // a test that is given up goes on beside the next one: all points of a first deploy take half an hour on the swarm
    kind === 'swarm' ? 7_200_000 : 1_200_000,
  );
});

/** The version of a file is in a point's name, and differs from project to project. */
const plain = (point: string): string => point.replace(/(settings_)[0-9a-f]+/, '$1');

function choose(scenario: Scenario, points: readonly string[], ofFirst: Set<string>): readonly string[] {
  if (only !== undefined) return points.filter((point) => point.includes(only));
  if (scenario === firstDeploy) {
    for (const point of points) ofFirst.add(plain(point));
    return points;
  }
  const shared = points.filter((point) => ofFirst.has(plain(point)));
  return [...points.filter((point) => !ofFirst.has(plain(point))), ...sample(shared, sharedPoints, randomFrom(seed))];
}
