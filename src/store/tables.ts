import type { ColumnType, Generated, GeneratedAlways, Kysely, Transaction } from 'kysely';
import type { Attempt, DeploymentKind, DeploymentStatus } from '#domain/deployment.ts';

/** Read as ms since the epoch, written as a `Date`. */
type Time = ColumnType<number, Date, Date>;
type MaybeTime = ColumnType<number | null, Date | null | undefined, Date | null>;
type Now = ColumnType<number, Date | undefined, Date>;
type Maybe<T> = ColumnType<T | null, T | null | undefined, T | null>;
/** Written as text by `json()` of columns.ts: the driver would turn a list into a PostgreSQL array. */
type Json = ColumnType<unknown, string, string>;
type MaybeJson = ColumnType<unknown, string | null | undefined, string | null>;

/** The rows as PostgreSQL holds them, in camel case. Kept equal to the migrations by hand, and by the round-trip tests. */
export interface Tables {
  keyChecks: { name: string; sealed: Buffer };
  clusters: { name: string; engine: 'local' | 'swarm'; settings: Json; sealed: Maybe<Buffer>; createdAt: Now };
  registries: { host: string; username: string; password: Buffer };
  channels: { name: string; kind: string; url: Buffer };
  projects: { name: string; sourceUrl: Maybe<string>; createdAt: Now };
  refs: { project: string; name: string; commit: string; seenAt: Now };
  variables: {
    project: string;
    environment: string;
    name: string;
    value: Buffer;
    secret: boolean;
    updatedAt: Now;
  };
  retiredSecrets: {
    id: GeneratedAlways<number>;
    project: string;
    environment: string;
    name: string;
    value: Buffer;
    retiredAt: Now;
  };
  pins: { project: string; environment: string; service: string; reference: string; pinned: string; seenAt: Now };
  builds: {
    id: GeneratedAlways<number>;
    project: string;
    commit: string;
    ref: Maybe<string>;
    message: Maybe<string>;
    status: 'running' | 'succeeded' | 'failed' | 'cancelled';
    reason: Maybe<string>;
    createdAt: Now;
    startedAt: MaybeTime;
    endedAt: MaybeTime;
  };
  buildLogs: { build: number; seq: GeneratedAlways<number>; service: string; at: Time; text: string };
  artifacts: {
    project: string;
    kind: 'image' | 'checkout';
    service: string;
    key: string;
    artifact: Json;
    commit: string;
    build: Maybe<number>;
    createdAt: Now;
  };
  testRuns: {
    id: GeneratedAlways<number>;
    build: number;
    stack: string;
    status: 'running' | 'passed' | 'failed' | 'cancelled';
    report: MaybeJson;
    startedAt: Now;
    endedAt: MaybeTime;
  };
  releases: {
    id: GeneratedAlways<number>;
    project: string;
    commit: string;
    build: Maybe<number>;
    spec: Buffer;
    specHash: string;
    createdAt: Now;
  };
  stacks: {
    name: string;
    project: string;
    environment: string;
    cluster: string;
    createdAt: Now;
    removedAt: MaybeTime;
    stableRevision: Maybe<number>;
  };
  applied: { stack: string; kind: string; name: string; spec: Buffer; native: Buffer; deployment: number; at: Now };
  revisions: { stack: string; number: number; deployment: number; release: number; stableAt: Now };
  deployments: {
    id: GeneratedAlways<number>;
    project: string;
    environment: string;
    stack: string;
    cluster: string;
    commit: Maybe<string>;
    ref: Maybe<string>;
    kind: DeploymentKind;
    status: DeploymentStatus;
    reason: Maybe<string>;
    release: Maybe<number>;
    build: Maybe<number>;
    previous: Maybe<number>;
    deadlineAt: MaybeTime;
    cancelRequestedAt: MaybeTime;
    options: Json;
    requestedBy: string;
    createdAt: Now;
    startedAt: MaybeTime;
    endedAt: MaybeTime;
  };
  drafts: { deployment: number; draft: Buffer; createdAt: Now };
  attempts: {
    deployment: number;
    attempt: Attempt;
    stack: string;
    spec: Buffer;
    plan: Maybe<Buffer>;
    startedAt: MaybeTime;
    deadlineAt: MaybeTime;
  };
  changes: {
    deployment: number;
    attempt: Attempt;
    thing: string;
    action: string;
    fields: Json;
    change: Buffer;
    status: 'intended' | 'done' | 'failed';
    outcome: Maybe<string>;
    intendedAt: Now;
    endedAt: MaybeTime;
  };
  events: {
    seq: GeneratedAlways<number>;
    id: string;
    type: string;
    source: string;
    subject: string;
    time: Now;
    data: Json;
    project: Maybe<string>;
    deployment: Maybe<number>;
  };
  outbox: {
    id: GeneratedAlways<number>;
    channel: string;
    notice: Json;
    event: number;
    attempts: Generated<number>;
    nextAt: Now;
    deliveredAt: MaybeTime;
    gaveUpAt: MaybeTime;
    lastError: Maybe<string>;
  };
  tokens: { hash: string; name: string; createdAt: Now; lastUsedAt: MaybeTime };
  idempotencyKeys: {
    key: string;
    route: string;
    bodyHash: string;
    status: Maybe<number>;
    response: MaybeJson;
    createdAt: Now;
  };
}

/** The database, or a transaction in it: what every function of a noun takes first. */
export type Db = Kysely<Tables>;
/** A transaction only: what the function does must not be split. */
export type Tx = Transaction<Tables>;
