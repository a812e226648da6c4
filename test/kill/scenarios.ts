import { expect } from 'vitest';
import { until } from '../support/until.ts';
import type { Scenario } from './stage.ts';

const allRun = ['api.1 healthy current', 'jobs.1 healthy current', 'web.1 healthy current'];
const names = ['api', 'jobs', 'web'];
/** One process of each service; what commit it was built from. */
const oneStart = (stack: string, commits: readonly [api: string, jobs: string, web: string]): readonly string[] =>
  names.map((service, index) => `${stack}/${service}.1 started with ${commits[index]}`);
/** One write to each service, and one container. */
const oneWrite = (stack: string, action: string, services: readonly string[] = names): readonly string[] =>
  services.flatMap((service) => [`${stack}_${service}: ${action}`, `${stack}_${service}: container start`]);
const testStack = oneWrite('TEST', 'create').flatMap((line) =>
  line.endsWith('create') ? [line, line.replace('create', 'remove')] : [line],
);
const told = (text: string) => expect.stringContaining(text) as string;

export const firstDeploy: Scenario = {
  name: 'a first deploy',
  change: async () => undefined,
  ends: {
    status: 'succeeded',
    revision: 1,
    running: allRun,
    testStacksLeft: 0,
    notices: [told('LIVE deployed'), told('SHOP: tests passed')],
  },
  seen: {
    local: [...oneStart('LIVE', ['COMMIT', 'COMMIT', 'COMMIT']), ...oneStart('TEST', ['COMMIT', 'COMMIT', 'COMMIT'])],
    swarm: [...oneWrite('LIVE', 'create'), ...testStack],
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
    testStacksLeft: 0,
    notices: [told('LIVE deployed\nweb →'), told('SHOP: tests passed')],
  },
  seen: {
    local: ['LIVE/web.1 started with COMMIT', ...oneStart('TEST', ['EARLIER', 'EARLIER', 'COMMIT'])],
    swarm: [...oneWrite('LIVE', 'update', ['web']), ...testStack],
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
    testStacksLeft: 0,
    notices: [told('LIVE failed and was rolled back'), told('SHOP: tests passed')],
  },
  seen: {
    local: [
      'LIVE/web.1 started with COMMIT',
      'LIVE/web.1 started with EARLIER',
      ...oneStart('TEST', ['EARLIER', 'EARLIER', 'COMMIT']),
    ],
    swarm: ['LIVE_web: container start × 2', 'LIVE_web: update × 2', ...testStack],
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
    testStacksLeft: 0,
    notices: [told('LIVE failed'), told('SHOP: tests failed')],
  },
  seen: {
    local: oneStart('TEST', ['EARLIER', 'COMMIT', 'EARLIER']),
    swarm: testStack,
  },
};

/** Cancelled in the middle of its rollout, which needs long enough for that. */
export const cancelled: Scenario = {
  name: 'a rollout that is cancelled',
  before: (_, push) => push(),
  change: (shop) => shop.behave('web', { startMs: 6000, onlyLive: true }),
  meanwhile: async (slipway, id, seen) => {
    // by what the observer saw: Slipway's own word for it comes before the process does
    await until('the process of web', async () =>
      (await seen()).some((line) => /-prod[/_]web\S* (started with|container start)/.test(line)),
    );
    await until('the cancellation', async () => {
      const { status } = await slipway.api('POST', `/v1/deployments/${id}/cancel`);
      return status < 300 || status === 409;
    });
  },
  // the old container runs until the new one is healthy: by then, or not, comes the cancellation
  isChance: (line) => line.startsWith('LIVE_web: container start'),
  ends: { status: 'cancelled', revision: 1, running: allRun, testStacksLeft: 0, notices: [told('SHOP: tests passed')] },
  seen: {
    local: [
      'LIVE/web.1 started with COMMIT',
      'LIVE/web.1 started with EARLIER',
      ...oneStart('TEST', ['EARLIER', 'EARLIER', 'COMMIT']),
    ],
    swarm: ['LIVE_web: update × 2', ...testStack],
  },
};
