import { afterAll, beforeAll, describe, test } from 'vitest';
import { access } from './conformance/access.ts';
import { bounds } from './conformance/bounds.ts';
import { changes } from './conformance/changes.ts';
import { exec } from './conformance/exec.ts';
import { keeps } from './conformance/keeps.ts';
import { type Harness, Stage, type StageTest } from './conformance/stage.ts';
import { states } from './conformance/states.ts';

export type { Harness } from './conformance/stage.ts';

/**
 * The same cases for every engine, on the real thing: an engine is done when they pass. What it lacks is skipped by
 * name, with the capability as the reason. `start` is called once; each case has a stack of its own, and they run side by
 * side (as many as vitest's `maxConcurrency`): most of their time is spent waiting.
 */
export function engineConformance(name: string, start: () => Promise<Harness>): void {
  describe.concurrent(`the ${name} engine`, { timeout: 240_000 }, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness?.dispose());
    const it: StageTest = test.extend<{ stage: Stage }>({
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it what the fixture needs
      stage: async ({}, use) => {
        const stage = new Stage(harness);
        await use(stage);
        await stage.strike();
      },
    });
    describe('applies changes', () => changes(it));
    describe('tells how instances are', () => states(it));
    describe('lets people reach instances', () => access(it));
    describe('executes commands beside instances', () => exec(it));
    describe('keeps configs, secrets and volumes', () => keeps(it));
    describe('stays within bounds', () => bounds(it));
  });
}
