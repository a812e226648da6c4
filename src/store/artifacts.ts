import type { Artifact } from '#domain/stack/spec.ts';
import { json } from './columns.ts';
import type { Db } from './tables.ts';

/** What a build made of inputs whose hash is `key`: found again, it is not built again. */
export interface StoredArtifact {
  readonly project: string;
  readonly kind: 'image' | 'checkout';
  readonly service: string;
  readonly key: string;
  readonly artifact: Artifact;
  /** The commit it was first built from: what `/info` answers. */
  readonly commit: string;
  readonly build: number | null;
  readonly createdAt: number;
}

type Place = Pick<StoredArtifact, 'project' | 'kind' | 'service' | 'key'>;

/** What was made from these inputs, if it was. */
export async function findArtifact(db: Db, at: Place): Promise<StoredArtifact | null> {
  const row = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('project', '=', at.project)
    .where('kind', '=', at.kind)
    .where('service', '=', at.service)
    .where('key', '=', at.key)
    .executeTakeFirst();
  return row ? { ...row, artifact: row.artifact as Artifact } : null;
}

/**
 * Records an artifact. The first one recorded for a key stays, with its commit, and comes back: two builds of the same
 * inputs at once agree. With `replace` the new one goes in its place (the old image was lost).
 */
export async function saveArtifact(
  db: Db,
  artifact: Omit<StoredArtifact, 'createdAt'>,
  replace = false,
): Promise<StoredArtifact> {
  const values = { ...artifact, artifact: json(artifact.artifact) };
  const { commit, build } = artifact;
  await db
    .insertInto('artifacts')
    .values(values)
    .onConflict((conflict) => {
      const target = conflict.columns(['project', 'kind', 'service', 'key']);
      return replace ? target.doUpdateSet({ artifact: values.artifact, commit, build }) : target.doNothing();
    })
    .execute();
  const saved = await findArtifact(db, artifact);
  return saved ?? { ...artifact, createdAt: 0 };
}

/** A project's artifacts. */
export async function listArtifacts(db: Db, project: string): Promise<readonly StoredArtifact[]> {
  const rows = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('project', '=', project)
    .orderBy('createdAt')
    .execute();
  return rows.map((row) => ({ ...row, artifact: row.artifact as Artifact }));
}

/** Forgets an artifact; the thing itself is the builder’s. */
export async function removeArtifact(db: Db, at: Place): Promise<void> {
  await db
    .deleteFrom('artifacts')
    .where('project', '=', at.project)
    .where('kind', '=', at.kind)
    .where('service', '=', at.service)
    .where('key', '=', at.key)
    .execute();
}
