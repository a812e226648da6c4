import { expect, test } from 'vitest';
import { paints, widthOf } from '../output.ts';
import { cut, frame, lineOf } from './render.ts';
import { emptyView, next, type Seen, type View } from './view.ts';

const about = {
  deployment: 7,
  project: 'shop',
  environment: 'production',
  stack: 'shop-production',
  cluster: 'local',
  commit: 'c0ffee',
  ref: null,
};
const status = (name: string, at: number, reason: string | null = null): Seen => ({
  type: `deployment.${name}`,
  at: at * 1000,
  data: { ...about, kind: 'push', status: name, reason, requestedBy: 'me', release: null },
});
const progress = (at: number, healthy: number): Seen => ({
  type: 'deployment.progress',
  at: at * 1000,
  data: {
    ...about,
    services: [{ service: 'web', wanted: 2, running: 2, healthy, state: healthy === 2 ? 'ready' : 'starting' }],
    message: healthy === 2 ? null : 'web waits',
  },
});
const build = { project: 'shop', build: 3, commit: 'c0ffee' };
const built: Seen = {
  type: 'build.succeeded',
  at: 4000,
  data: { ...build, built: ['web'], reused: ['api'], durationMs: 3000 },
};
const tested: Seen = {
  type: 'tests.passed',
  at: 8000,
  data: { ...build, stack: 't', totals: { passed: 5, failed: 0, skipped: 1 }, coverage: 81.5, durationMs: 1 },
};
const planned: Seen = {
  type: 'deployment.planned',
  at: 9000,
  data: {
    ...about,
    attempt: 'forward',
    changes: [{ thing: 'service/web', action: 'update', why: 'another build' }],
    unchanged: 4,
  },
};
const good = [
  status('queued', 0),
  status('building', 1),
  built,
  status('testing', 5),
  tested,
  status('deploying', 9),
  planned,
  progress(10, 1),
  progress(11, 2),
  status('verifying', 16),
  status('succeeded', 17),
];
const after = (events: readonly Seen[]): View => events.reduce(next, emptyView);
const none = paints(false);

test('a deployment that goes well leaves every step done, with what came of it', () => {
  const view = after(good);
  expect(view.steps.map(({ name, state, note }) => [name, state, note])).toEqual([
    ['queue', 'done', null],
    ['build', 'done', 'built web; reused api'],
    ['test', 'done', '5 passed, 1 skipped, 81.5 % of lines covered'],
    ['deploy', 'done', 'update web; 4 unchanged'],
    ['verify', 'done', null],
  ]);
  expect(view).toMatchObject({ status: 'succeeded', startedAt: 0, endedAt: 17_000 });
});

test('the step that runs shows its services, and nothing of the test stack stays', () => {
  const testing = after([...good.slice(0, 4), progress(6, 1)]);
  expect(testing.services).toHaveLength(1);
  expect(next(testing, status('deploying', 9)).services).toEqual([]);
});

test('a failed build is the step that failed', () =>
  expect(after([...good.slice(0, 2), status('failed', 3, 'no Dockerfile')])).toMatchObject({
    status: 'failed',
    reason: 'no Dockerfile',
    steps: [
      { name: 'queue', state: 'done' },
      { name: 'build', state: 'failed' },
    ],
  }));

test('a way back is a step of its own: what failed has failed, and the return is done', () =>
  expect(
    after([...good.slice(0, 8), status('rolling-back', 20, 'web is unhealthy'), status('rolled-back', 25)]).steps.slice(
      -2,
    ),
  ).toMatchObject([
    { name: 'deploy', state: 'failed' },
    { name: 'roll back', state: 'done' },
  ]));

test('the same status twice, after a restart of the server, is one step', () =>
  expect(after([...good.slice(0, 2), status('building', 2)]).steps).toHaveLength(2));

test('events of other kinds, and of a later version, change nothing', () => {
  const view = after(good);
  for (const type of ['stack.stable', 'push.received', 'deployment.unheard-of'])
    expect(next(view, { type, at: 1, data: { some: 'thing' } })).toBe(view);
});

test('a terminal shows the steps, the services of the one that runs, and the time', () =>
  expect(`\n${frame(after(good.slice(0, 8)), 12_000, 100, none).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    shop-production deployment 7 deploying 12 s
      ✓ queue          1 s
      ✓ build          4 s  built web; reused api
      ✓ test           4 s  5 passed, 1 skipped, 81.5 % of lines covered
      ⠋ deploy         3 s  update web; 4 unchanged
          ○ web  ■□ 1/2 starting
          web waits
    "
  `));

test('no line of a frame is wider than the terminal', () => {
  const failed = after([...good.slice(0, 8), status('failed', 20, `web: ${'x'.repeat(300)}`)]);
  for (const width of [20, 40, 80])
    for (const line of frame(failed, 1, width, paints(true))) expect(widthOf(line)).toBeLessThanOrEqual(width);
});

test('cutting a line leaves its colours whole', () =>
  expect(cut('\x1b[31mabcdef\x1b[39m', 4)).toBe('\x1b[31mabc\x1b[39m…'));

test('without a terminal each event that says something is a line', () => {
  let view = emptyView;
  const lines = good.flatMap((event) => {
    const line = lineOf(view, event);
    view = next(view, event);
    return line === null ? [] : [line];
  });
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
         0 s  queued shop-production (deployment 7, local)
         1 s  building
         4 s  build: built web; reused api
         5 s  testing
         8 s  test: 5 passed, 1 skipped, 81.5 % of lines covered
         9 s  deploying
         9 s  deploy: update web; 4 unchanged
        10 s  web 1/2
        11 s  web 2/2
        16 s  verifying
        17 s  succeeded
    "
  `);
});
