import { z } from 'zod';
import { deploymentStatuses, isFinal } from '#domain/deployment.ts';
import { maskDeep } from '#domain/secret.ts';
import { attemptTimes } from '#store/attempts.ts';
import { findBuild } from '#store/builds.ts';
import { changesOf } from '#store/changes.ts';
import type { Deployment } from '#store/deployments.ts';
import { revisionMadeBy } from '#store/revisions.ts';
import { type TestRun, testRunsOf } from '#store/test-runs.ts';
import { projectSecrets } from '#store/variables.ts';
import { buildView, viewOfBuild } from './builds.ts';
import { allowed, forbidden, maybeTime, permission, time, timeField } from './fields.ts';
import type { ApiParts } from './parts.ts';
import { fieldChange } from './plans.ts';

export const deploymentView = z
  .object({
    id: z.number(),
    project: z.string(),
    environment: z.string(),
    stack: z.string(),
    cluster: z.string(),
    commit: z.string().nullable(),
    ref: z.string().nullable(),
    kind: z.enum(['push', 'deploy', 'rollback', 'remove']),
    status: z.enum(deploymentStatuses),
    over: z.boolean().describe('Nothing of it will happen any more'),
    reason: z.string().nullable(),
    release: z.number().nullable(),
    build: z.number().nullable(),
    returnsTo: z.number().nullable().describe('The stable revision to which it goes back when it fails'),
    requestedBy: z.string(),
    createdAt: timeField,
    startedAt: timeField.nullable(),
    endedAt: timeField.nullable(),
    deadlineAt: timeField.nullable(),
    cancelRequestedAt: timeField.nullable(),
    can: z.object({ cancel: permission }),
  })
  .meta({ id: 'Deployment' });

const attempt = z.enum(['test', 'forward', 'back']);
const changeRecord = z
  .object({
    attempt,
    thing: z.string(),
    action: z.string(),
    fields: z.array(fieldChange).readonly(),
    status: z.enum(['intended', 'done', 'failed']),
    outcome: z.string().nullable(),
    intendedAt: timeField,
    endedAt: timeField.nullable(),
  })
  .meta({ id: 'ChangeRecord' });
const testRun = z
  .object({
    id: z.number(),
    stack: z.string(),
    status: z.enum(['running', 'passed', 'failed', 'cancelled']),
    report: z
      .unknown()
      .describe('The merged report: verdict, reasons, totals, coverage, services; null until there is one'),
    startedAt: timeField,
    endedAt: timeField.nullable(),
  })
  .meta({ id: 'TestRun' });
export const deploymentDetail = deploymentView
  .extend({
    attempts: z.array(
      z.object({ attempt, stack: z.string(), startedAt: timeField.nullable(), deadlineAt: timeField.nullable() }),
    ),
    changes: z.array(changeRecord),
    buildOf: buildView.nullable().describe('The build that it deploys'),
    tests: z.array(testRun).describe("The build's test runs, newest first"),
    revision: z.number().nullable().describe('The stable revision that it made'),
  })
  .meta({ id: 'DeploymentDetail' });

/** A deployment as the API shows it, times as RFC 3339. */
export const viewOfDeployment = (row: Deployment): z.output<typeof deploymentView> => {
  const { previous, options: _, createdAt, startedAt, endedAt, deadlineAt, cancelRequestedAt, ...rest } = row;
  const over = isFinal(row.status);
  return {
    ...rest,
    over,
    returnsTo: previous,
    createdAt: time(createdAt),
    startedAt: maybeTime(startedAt),
    endedAt: maybeTime(endedAt),
    deadlineAt: maybeTime(deadlineAt),
    cancelRequestedAt: maybeTime(cancelRequestedAt),
    can: { cancel: over ? forbidden(`it is over: ${row.status}`) : allowed },
  };
};

/** A deployment with all that is known of it. Secrets were masked when the changes were recorded; reports are masked here. */
export async function detailOfDeployment(
  { store }: ApiParts,
  row: Deployment,
): Promise<z.output<typeof deploymentDetail>> {
  const { id, build } = row;
  return store.read(async (db) => {
    const [attempts, changes, made, tests, revision, secrets] = await Promise.all([
      attemptTimes(db, id),
      changesOf(db, id),
      build === null ? null : findBuild(db, build),
      build === null ? [] : testRunsOf(db, build),
      revisionMadeBy(db, id),
      projectSecrets(db, store.key, row.project),
    ]);
    return {
      ...viewOfDeployment(row),
      attempts: attempts.map((one) => ({
        ...one,
        startedAt: maybeTime(one.startedAt),
        deadlineAt: maybeTime(one.deadlineAt),
      })),
      changes: maskDeep(
        changes.map(({ deployment: _, ...change }) => ({
          ...change,
          intendedAt: time(change.intendedAt),
          endedAt: maybeTime(change.endedAt),
        })),
        secrets,
      ),
      buildOf: made && viewOfBuild(made),
      tests: maskDeep(tests.map(viewOfTests), secrets),
      revision: revision?.number ?? null,
    };
  });
}

const viewOfTests = ({ id, stack, status, report, startedAt, endedAt }: TestRun) => ({
  id,
  stack,
  status,
  report,
  startedAt: time(startedAt),
  endedAt: maybeTime(endedAt),
});
