import { describe } from 'vitest';
import { bed } from '../../../../test/bed/bed.ts';
import { swarmHarness } from '../../../../test/support/swarm-harness.ts';
import { engineConformance } from '../conformance.ts';

const there = await bed();

describe.skipIf(!there?.swarm)('on a real swarm', () => {
  engineConformance('swarm', () => swarmHarness(there?.socketPath ?? ''));
});
