import { expect } from 'vitest';
import type { Scenario } from './stage.ts';

const allRun = ['api.1 healthy current', 'jobs.1 healthy current', 'web.1 healthy current'];
const oneStart = (stack: string, commits: readonly [api: string, jobs: string, web: string]): readonly string[] =>
  ['api', 'jobs', 'web'].map((service, index) => `${stack}/${service}.1 started with ${commits[index]}`);
const told = (text: string) => expect.stringContaining(text) as string;

export const firstDeploy: Scenario = {
  name: 'a first deploy',
  change: async () => undefined,
  ends: {
    status: 'succeeded',
    revision: 1,
    running: allRun,
    seen: [...oneStart('LIVE', ['COMMIT', 'COMMIT', 'COMMIT']), ...oneStart('TEST', ['COMMIT', 'COMMIT', 'COMMIT'])],
    testStacksLeft: 0,
    notices: [told('LIVE deployed'), told('SHOP: tests passed')],
  },
};

export const oneOfThree: Scenario = {
  name: 'a second deploy that touches one of three services',
  before: (_, push) => push(),
  change: (shop) => shop.behave('web', { startMs: 10 }),
  ends: {
    status: 'succeeded',
    revision: 2,
    running: allRun,
    seen: ['LIVE/web.1 started with COMMIT', ...oneStart('TEST', ['EARLIER', 'EARLIER', 'COMMIT'])],
    testStacksLeft: 0,
    notices: [told('LIVE deployed\nweb →'), told('SHOP: tests passed')],
  },
};

/** The tests pass, and only the rolled-out instance says another commit than it was built from. */
export const rollback: Scenario = {
  name: 'a rollout that fails and goes back',
  before: (_, push) => push(),
  change: (shop) => shop.behave('web', { info: 'deadbeefdeadbeef' }),
  ends: {
    status: 'rolled-back',
    revision: 1,
    running: allRun,
    seen: [
      'LIVE/web.1 started with COMMIT',
      'LIVE/web.1 started with EARLIER',
      ...oneStart('TEST', ['EARLIER', 'EARLIER', 'COMMIT']),
    ],
    testStacksLeft: 0,
    notices: [told('LIVE failed and was rolled back'), told('SHOP: tests passed')],
  },
};

export const failingTests: Scenario = {
  name: 'tests that fail',
  before: (_, push) => push(),
  change: (shop) => shop.behave('jobs', { test: 'fail' }),
  ends: {
    status: 'failed',
    revision: 1,
    running: allRun,
    seen: oneStart('TEST', ['EARLIER', 'COMMIT', 'EARLIER']),
    testStacksLeft: 0,
    notices: [told('LIVE failed'), told('SHOP: tests failed')],
  },
};
