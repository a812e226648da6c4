import { expect, test } from 'vitest';
import type { Change, Finding } from './change.ts';
import { type PlanPaint, type PrintablePlan, printPlan } from './print.ts';

const same = (text: string): string => text;
const none: PlanPaint = { good: same, bad: same, changed: same, faint: same, strong: same };
const web = { kind: 'service', name: 'web' } as const;
const plan = (parts: Partial<PrintablePlan>): PrintablePlan => ({ changes: [], unchanged: [], findings: [], ...parts });
const change = (parts: Partial<Change>): Change => ({
  ...web,
  action: 'update',
  why: 'settings differ',
  fields: [],
  ...parts,
});

test('a plan without changes says so, and how many parts are right', () =>
  expect(printPlan(plan({ unchanged: [web, web, web] }), none)).toBe(
    'No changes: all 3 parts are as they should be.\n',
  ));

test.each([
  ['create', '  + service web will be created (why)'],
  ['update', '  ~ service web will be updated in place (why)'],
  ['replace', '-/+ service web must be replaced (why)'],
  ['remove', '  - service web will be removed (why)'],
] as const)('%s has the sign that Terraform gives it', (action, line) =>
  expect(printPlan(plan({ changes: [change({ action, why: 'why' })] }), none)).toBe(
    `${line}\n\nPlan: 1 to ${action}, 0 unchanged.\n`,
  ),
);

test('fields show before and after, in columns, and whether somebody else changed them', () =>
  expect(
    printPlan(
      plan({
        changes: [
          change({
            fields: [
              { path: 'environment.LOG', before: 'info', after: 'debug', cause: 'specification' },
              { path: 'mode.replicas', before: 1, after: 3, cause: 'drift' },
              { path: 'labels.new', before: undefined, after: 'x', cause: 'specification' },
              { path: 'labels.old', before: 'y', after: undefined, cause: 'specification' },
            ],
          }),
        ],
        unchanged: [web],
      }),
      none,
    ),
  ).toMatchInlineSnapshot(`
    "  ~ service web will be updated in place (settings differ)
          ~ environment.LOG  "info" → "debug"
          ~ mode.replicas    1 → 3 # changed on the engine
          + labels.new       "x"
          - labels.old       "y"

    Plan: 1 to update, 1 unchanged.
    "
  `));

test('a long value is cut, and its length is said', () => {
  const fields = [{ path: 'x', before: 'a'.repeat(500), after: 'b', cause: 'specification' }] as const;
  const text = printPlan(plan({ changes: [change({ fields })] }), none);
  expect(text).toContain('(502 characters)');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(220);
});

test('findings stand together, the worst first, and a refused plan says that it cannot be deployed', () => {
  const finding = (level: Finding['level'], service: string | null): Finding => ({
    level,
    service,
    field: 'ports',
    message: 'said',
  });
  const findings = [
    finding('note', 'web'),
    finding('refused', 'db'),
    finding('differs', null),
    finding('refused', 'web'),
  ];
  expect(printPlan(plan({ changes: [change({})], findings }), none)).toMatchInlineSnapshot(`
    "  ~ service web will be updated in place (settings differ)

    Cannot be run here:
      ✗ db: ports: said
      ✗ web: ports: said

    Runs with a difference:
      ! ports: said

    Good to know:
      · web: ports: said

    This cannot be deployed: see what cannot be run above.
    "
  `);
});

test('every kind of change is counted', () => {
  const changes = (['create', 'create', 'update', 'replace', 'remove'] as const).map((action) => change({ action }));
  expect(printPlan(plan({ changes }), none)).toContain(
    'Plan: 2 to create, 1 to update, 1 to replace, 1 to remove, 0 unchanged.',
  );
});
