import { z } from 'zod';
import { deploymentStatuses } from '../deployment.ts';

const build = { project: z.string(), build: z.number(), commit: z.string() };
const counts = z.object({ passed: z.number(), failed: z.number(), skipped: z.number() });
const tests = { ...build, stack: z.string(), totals: counts, coverage: z.number().nullable(), durationMs: z.number() };

/** What every event of a deployment says of it. */
const deployment = {
  deployment: z.number(),
  project: z.string(),
  environment: z.string(),
  stack: z.string(),
  cluster: z.string(),
  commit: z.string().nullable(),
  ref: z.string().nullable(),
};
const moved = z.object({
  ...deployment,
  kind: z.enum(['push', 'deploy', 'rollback', 'remove']),
  status: z.enum(deploymentStatuses),
  reason: z.string().nullable(),
  requestedBy: z.string(),
  release: z.number().nullable(),
});
const action = z.enum(['create', 'update', 'replace', 'remove']);

/**
 * Every type of event and the shape of its `data`, the one list that audit trail, notifications and live views read.
 * A type, once published, keeps its name and its fields; fields may be added. No secret value is ever in one.
 */
export const eventTypes = {
  'push.received': z.object({
    project: z.string(),
    ref: z.string(),
    /** `null`: the ref was made. */
    before: z.string().nullable(),
    /** `null`: the ref was deleted. */
    commit: z.string().nullable(),
    by: z.string(),
  }),
  'push.ignored': z.object({
    project: z.string(),
    ref: z.string(),
    commit: z.string().nullable(),
    reason: z.string(),
  }),
  'build.started': z.object({ ...build, ref: z.string().nullable(), message: z.string().nullable() }),
  'build.succeeded': z.object({
    ...build,
    built: z.array(z.string()),
    reused: z.array(z.string()),
    durationMs: z.number(),
  }),
  'build.failed': z.object({ ...build, service: z.string().nullable(), reason: z.string() }),
  'build.cancelled': z.object({ ...build, reason: z.string() }),
  'tests.started': z.object({ ...build, stack: z.string(), services: z.array(z.string()) }),
  'tests.passed': z.object(tests),
  'tests.failed': z.object({ ...tests, reason: z.string() }),
  'tests.removed': z.object({ project: z.string(), build: z.number(), stack: z.string() }),
  'release.created': z.object({
    project: z.string(),
    release: z.number(),
    commit: z.string(),
    build: z.number().nullable(),
  }),
  /** One type a status, with one shape; `started` is the moment a worker took it out of the queue. */
  'deployment.queued': moved,
  'deployment.started': moved,
  'deployment.building': moved,
  'deployment.testing': moved,
  'deployment.deploying': moved,
  'deployment.verifying': moved,
  'deployment.rolling-back': moved,
  'deployment.succeeded': moved,
  'deployment.failed': moved,
  'deployment.rolled-back': moved,
  'deployment.cancelled': moved,
  'deployment.superseded': moved,
  'deployment.planned': z.object({
    ...deployment,
    attempt: z.enum(['test', 'forward', 'back']),
    changes: z.array(z.object({ thing: z.string(), action, why: z.string() })),
    unchanged: z.number(),
  }),
  'deployment.changed': z.object({
    ...deployment,
    attempt: z.enum(['test', 'forward', 'back']),
    thing: z.string(),
    action,
    status: z.enum(['done', 'failed']),
    outcome: z.string().nullable(),
  }),
  'deployment.progress': z.object({
    ...deployment,
    services: z.array(
      z.object({
        service: z.string(),
        wanted: z.number(),
        running: z.number(),
        healthy: z.number(),
        state: z.string(),
      }),
    ),
    message: z.string().nullable(),
  }),
  'stack.stable': z.object({ ...deployment, revision: z.number(), release: z.number() }),
  'stack.removed': z.object({ project: z.string(), environment: z.string(), stack: z.string(), volumes: z.boolean() }),
  'drift.found': z.object({
    project: z.string(),
    environment: z.string(),
    stack: z.string(),
    changes: z.array(z.object({ thing: z.string(), fields: z.array(z.string()) })),
  }),
  'engine.unreachable': z.object({ cluster: z.string(), reason: z.string() }),
} as const;

export type EventType = keyof typeof eventTypes;
export type EventData<T extends EventType> = z.infer<(typeof eventTypes)[T]>;

/** An event about to be recorded. `subject` is the thing it is about (`cq-prod`, `web`), `source` who says so (`/deployments/12`). */
export interface NewEvent<T extends EventType = EventType> {
  readonly type: T;
  readonly source: string;
  readonly subject: string;
  readonly project: string | null;
  readonly deployment: number | null;
  readonly data: EventData<T>;
}

/** An event as recorded. `seq` grows with time and has the order of commits; `time`: ms since the epoch. */
export interface RecordedEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: number;
  readonly project: string | null;
  readonly deployment: number | null;
  readonly data: unknown;
}

/** The CloudEvents 1.0 JSON form. `sequence` is the extension that CloudEvents documents for an order. */
export function toCloudEvent(event: RecordedEvent): Readonly<Record<string, unknown>> {
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: new Date(event.time).toISOString(),
    datacontenttype: 'application/json',
    sequence: String(event.seq),
    data: event.data,
  };
}
