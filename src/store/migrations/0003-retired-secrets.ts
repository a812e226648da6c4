import { type Kysely, sql } from 'kysely';

/** What secrets were before they were changed or removed, sealed as they were: they still stand in logs and in what runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table retired_secrets (
      id bigint generated always as identity primary key,
      project text not null, environment text not null, name text not null, value bytea not null,
      retired_at timestamptz not null default now()
    );
    create index retired_secrets_project on retired_secrets (project);
  `.execute(db);
}
