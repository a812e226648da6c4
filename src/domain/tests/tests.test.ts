import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serviceSpec, stackSpec } from '../../../test/support/specs.ts';
import { compareInfo, defaultInfoField } from './info.ts';
import { mergeReports, readReport } from './report.ts';
import { testStack, testStackName } from './test-stack.ts';

const report = (tests: unknown, more = {}) => readReport('api', { body: JSON.stringify({ tests, ...more }) });

test('a report in which all tests passed passes, with its coverage', () =>
  expect(report({ passed: 3, failed: 0, skipped: 1 }, { coverage: 81.5 })).toMatchObject({
    verdict: 'passed',
    reason: null,
    coverage: 81.5,
  }));

test.each([
  ['a failed test', report({ passed: 3, failed: 1, skipped: 0 }), /^1 of 4 tests failed$/],
  [
    'a failed case, named',
    report({ passed: 1, failed: 1 }, { cases: [{ name: 'buys', ok: false, message: 'no money' }] }),
    /buys \(no money\)/,
  ],
  [
    'a failed case that the counts do not know',
    report({ passed: 2, failed: 0 }, { cases: [{ name: 'a', ok: false }] }),
    /^1 of 3/,
  ],
  ['no test', report({ passed: 0, failed: 0, skipped: 0 }), /ran no test/],
  ['nothing but skipped tests', report({ passed: 0, failed: 0, skipped: 2 }), /all 2 were skipped/],
  ['another form', readReport('api', { body: '<testsuite/>' }), /no test report: <testsuite/],
  ['an empty answer', readReport('api', { body: '' }), /it is empty/],
  ['no answer', readReport('api', { failure: 'connection refused' }), /connection refused/],
  ['counts that are no numbers', report({ passed: 'all' }), /no test report/],
])('%s is a failure', (_, result, why) => {
  expect(result.verdict).toBe('failed');
  expect(result.reason).toMatch(why);
});

test('all must pass, and what failed is named with its service', () => {
  const good = report({ passed: 2, failed: 0 }, { coverage: 80 });
  const bad = { ...readReport('web', { failure: 'no answer' }) };
  expect(mergeReports([bad, good])).toMatchObject({
    verdict: 'failed',
    reasons: ['web: no answer'],
    totals: { passed: 2 },
    coverage: 80,
  });
  expect(mergeReports([good]).verdict).toBe('passed');
  expect(mergeReports([]).verdict).toBe('failed');
});

const commit = '0123456789abcdef0123456789abcdef01234567';
test.each([
  ['in result', { result: { commitHash: commit } }, defaultInfoField, 'match'],
  ['at the top', { commitHash: commit }, defaultInfoField, 'match'],
  ['in a result that is JSON in a text', { result: JSON.stringify({ commitHash: commit }) }, defaultInfoField, 'match'],
  ['short', { commitHash: commit.slice(0, 7) }, defaultInfoField, 'match'],
  ['too short', { commitHash: commit.slice(0, 6) }, defaultInfoField, 'absent'],
  ['another', { commitHash: 'f'.repeat(40) }, defaultInfoField, 'mismatch'],
  ['in capitals', { commitHash: commit.toUpperCase() }, defaultInfoField, 'match'],
  ['elsewhere, as configured', { build: { git: commit } }, 'build.git', 'match'],
  ['missing', { version: '1' }, defaultInfoField, 'absent'],
  ['unknown', { commitHash: 'unknown' }, defaultInfoField, 'absent'],
  ['a list', [commit], defaultInfoField, 'absent'],
])('a commit %s: %j by %s is %s', (_, body, field, at) =>
  expect(compareInfo(JSON.stringify(body), field, commit).at).toBe(at),
);

test('an answer that is no JSON says no commit', () =>
  expect(compareInfo('<html>', defaultInfoField, commit)).toMatchObject({
    at: 'absent',
    why: expect.stringContaining('<html>'),
  }));

test('a test stack publishes nothing, starts from nothing and touches nothing of the live one', () => {
  const service = serviceSpec('web', {
    ports: [{ target: 80, published: [8080, 8080], protocol: 'tcp', mode: null, hostIp: null }],
    mode: { kind: 'global' },
    labels: { 'traefik.enable': 'true' },
    deployLabels: { 'traefik.enable': 'true' },
    mounts: [
      { kind: 'bind', source: '/srv', target: '/srv', readOnly: false, propagation: null, create: true },
      { kind: 'volume', source: 'data', target: '/data', readOnly: false, noCopy: false, subpath: null },
    ],
  });
  const live = stackSpec([service], {
    networks: [
      {
        key: 'proxy',
        external: 'proxy',
        name: null,
        driver: null,
        driverOptions: {},
        attachable: false,
        internal: false,
        ipv6: null,
        subnets: [{ subnet: '10.1.0.0/24', gateway: null, ipRange: null }],
        labels: {},
      },
    ],
    volumes: [
      { key: 'data', external: 'live-data', name: null, driver: 'nfs', driverOptions: { share: '/x' }, labels: {} },
    ],
    files: [{ key: 'key', kind: 'secret', external: 'live-key', base64: null }],
  });
  const { spec, findings } = testStack(live, '17');
  expect(spec.name).toBe('shop-t17');
  expect(spec.services[0]).toMatchObject({
    ports: [],
    expose: [80],
    mode: { kind: 'replicated', replicas: 1 },
    labels: {},
    deployLabels: {},
  });
  expect(spec.services[0]?.mounts).toMatchObject([
    { readOnly: true, create: false },
    { kind: 'volume', source: 'data' },
  ]);
  expect(spec.networks).toMatchObject([{ external: null, name: null, subnets: [] }]);
  expect(spec.volumes).toMatchObject([{ external: null, driver: null, driverOptions: {} }]);
  expect(findings.map((one) => one.field)).toEqual(['volumes', 'secrets.key']);
});

test('every project and build has a name that a stack may have', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.nat(), (project, build, deployment) => {
      const name = testStackName(project, `${build}-${deployment}`);
      expect(name.endsWith(`-t${build}-${deployment}`)).toBe(true);
    }),
  );
});
