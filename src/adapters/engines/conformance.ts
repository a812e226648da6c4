import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { access } from './conformance/access.ts';
import { bounds } from './conformance/bounds.ts';
import { changes } from './conformance/changes.ts';
import { keeps } from './conformance/keeps.ts';
import { type Harness, Stage } from './conformance/stage.ts';
import { states } from './conformance/states.ts';

export type { Harness } from './conformance/stage.ts';

/**
 * The same cases for every engine, on the real thing: an engine is done when they pass. What it lacks is skipped by
 * name, with the capability as the reason. `start` is called once; each case has a stack of its own.
 */
export function engineConformance(name: string, start: () => Promise<Harness>): void {
  describe(`the ${name} engine`, { timeout: 240_000 }, () => {
    let harness: Harness;
    let stage: Stage;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness?.dispose());
    beforeEach(() => {
      stage = new Stage(harness);
    });
    afterEach(() => stage.strike());
    const current = () => stage;
    describe('applies changes', () => changes(current));
    describe('tells how instances are', () => states(current));
    describe('lets people reach instances', () => access(current));
    describe('keeps configs, secrets and volumes', () => keeps(current));
    describe('stays within bounds', () => bounds(current));
  });
}
