import { type Kysely, sql } from 'kysely';

/**
 * Every table of the first version. Sealed columns are `bytea` (see sealing.ts); times are `timestamptz`; what Slipway
 * did is never deleted with its project, so deployments, events and releases name projects without a foreign key.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const tables of [settings, projects, builds, stacks, deployments, messages, access]) await tables.execute(db);
}

const settings = sql`
  create table key_checks (name text primary key, sealed bytea not null);
  create table clusters (
    name text primary key, engine text not null check (engine in ('local', 'swarm')),
    settings jsonb not null, sealed bytea, created_at timestamptz not null default now()
  );
  create table registries (host text primary key, username text not null, password bytea not null);
  create table channels (name text primary key, kind text not null, url bytea not null);
`;

const projects = sql`
  create table projects (name text primary key, source_url text, created_at timestamptz not null default now());
  create table refs (
    project text not null, name text not null, commit text not null, seen_at timestamptz not null default now(),
    primary key (project, name)
  );
  create table variables (
    project text not null, environment text not null, name text not null, value bytea not null,
    secret boolean not null, updated_at timestamptz not null default now(),
    primary key (project, environment, name)
  );
  create table pins (
    project text not null, environment text not null, service text not null, reference text not null,
    pinned text not null, seen_at timestamptz not null default now(),
    primary key (project, environment, service)
  );
`;

const builds = sql`
  create table builds (
    id bigint generated always as identity primary key, project text not null, commit text not null, ref text,
    message text, status text not null check (status in ('running', 'succeeded', 'failed', 'cancelled')), reason text,
    created_at timestamptz not null default now(), started_at timestamptz, ended_at timestamptz,
    unique (project, commit)
  );
  create table build_logs (
    build bigint not null references builds on delete cascade, seq bigint generated always as identity,
    service text not null, at timestamptz not null, text text not null,
    primary key (build, seq)
  );
  create table artifacts (
    project text not null, kind text not null check (kind in ('image', 'checkout')), service text not null,
    key text not null, artifact jsonb not null, commit text not null, build bigint,
    created_at timestamptz not null default now(),
    primary key (project, kind, service, key)
  );
  create table test_runs (
    id bigint generated always as identity primary key, build bigint not null references builds on delete cascade,
    stack text not null, status text not null check (status in ('running', 'passed', 'failed', 'cancelled')),
    report jsonb, started_at timestamptz not null default now(), ended_at timestamptz
  );
  create index test_runs_build on test_runs (build);
  create table releases (
    id bigint generated always as identity primary key, project text not null, commit text not null, build bigint,
    spec bytea not null, spec_hash text not null, created_at timestamptz not null default now()
  );
  create index releases_project on releases (project, id);
`;

const stacks = sql`
  create table stacks (
    name text primary key, project text not null, environment text not null, cluster text not null,
    created_at timestamptz not null default now(), removed_at timestamptz, stable_revision integer
  );
  create table applied (
    stack text not null, kind text not null, name text not null, spec bytea not null, native bytea not null,
    deployment bigint not null, at timestamptz not null default now(),
    primary key (stack, kind, name)
  );
  create table revisions (
    stack text not null, number integer not null, deployment bigint not null, release bigint not null,
    stable_at timestamptz not null default now(),
    primary key (stack, number), unique (stack, deployment)
  );
`;

const deployments = sql`
  create table deployments (
    id bigint generated always as identity primary key, project text not null, environment text not null,
    stack text not null, cluster text not null, commit text, ref text,
    kind text not null check (kind in ('push', 'deploy', 'rollback', 'remove')),
    status text not null check (status in ('queued', 'building', 'testing', 'deploying', 'verifying', 'rolling-back',
      'succeeded', 'failed', 'rolled-back', 'cancelled', 'superseded')),
    reason text, release bigint, build bigint, previous integer, deadline_at timestamptz,
    options jsonb not null, requested_by text not null,
    created_at timestamptz not null default now(), started_at timestamptz, ended_at timestamptz
  );
  create index deployments_stack on deployments (stack, id);
  create index deployments_project on deployments (project, id);
  create index deployments_open on deployments (id) where ended_at is null;
  create table changes (
    deployment bigint not null references deployments, attempt text not null check (attempt in ('forward', 'back')),
    thing text not null, action text not null, fields jsonb not null, change bytea not null,
    status text not null check (status in ('intended', 'done', 'failed')), outcome text,
    intended_at timestamptz not null default now(), ended_at timestamptz,
    primary key (deployment, attempt, thing)
  );
`;

const messages = sql`
  create table events (
    seq bigint generated always as identity primary key, id uuid not null unique, type text not null,
    source text not null, subject text not null, time timestamptz not null default clock_timestamp(),
    data jsonb not null, project text, deployment bigint
  );
  create index events_project on events (project, seq);
  create index events_deployment on events (deployment, seq) where deployment is not null;
  create table outbox (
    id bigint generated always as identity primary key, channel text not null, notice jsonb not null,
    event bigint not null, attempts integer not null default 0, next_at timestamptz not null default now(),
    delivered_at timestamptz, gave_up_at timestamptz, last_error text,
    unique (channel, event)
  );
  create index outbox_due on outbox (next_at) where delivered_at is null and gave_up_at is null;
`;

const access = sql`
  create table tokens (
    hash text primary key, name text not null, created_at timestamptz not null default now(), last_used_at timestamptz
  );
  create table idempotency_keys (
    key text primary key, route text not null, body_hash text not null, status integer, response jsonb,
    created_at timestamptz not null default now()
  );
  create index idempotency_keys_created on idempotency_keys (created_at);
`;
