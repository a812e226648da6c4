import { type Kysely, sql } from 'kysely';

/**
 * What a deployment works on between its steps, sealed: the specification as loaded (`drafts`), and per attempt - the
 * test stack, forward, back - the target, the plan and the absolute deadline, which holds over restarts.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table drafts (
      deployment bigint primary key references deployments, draft bytea not null, created_at timestamptz not null default now()
    );
    create table attempts (
      deployment bigint not null references deployments, attempt text not null check (attempt in ('test', 'forward', 'back')),
      stack text not null, spec bytea not null, plan bytea, started_at timestamptz, deadline_at timestamptz,
      primary key (deployment, attempt)
    );
    alter table changes drop constraint changes_attempt_check;
    alter table changes add constraint changes_attempt_check check (attempt in ('test', 'forward', 'back'));
    alter table deployments add column cancel_requested_at timestamptz;
  `.execute(db);
}
