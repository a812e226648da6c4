import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { findRelease, listReleases, type Release } from '#store/releases.ts';
import { idField, projectName, time, timeField } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import type { ApiParts, App } from './parts.ts';
import { getProject } from './projects.ts';

const releaseView = z
  .object({
    id: z.number(),
    project: z.string(),
    commit: z.string(),
    build: z.number().nullable(),
    createdAt: timeField,
  })
  .meta({ id: 'Release' });
const tags = ['releases'];

/** Releases: what was built and tested, never changed. */
export function releaseRoutes(app: App, parts: ApiParts): void {
  const { store } = parts;
  app.get(
    '/v1/projects/:project/releases',
    {
      schema: {
        operationId: 'listReleases',
        summary: 'List the releases of a project, newest first',
        tags,
        params: z.object({ project: projectName }),
        querystring: pageQuery,
        response: { 200: pageOf(releaseView) },
      },
    },
    async ({ params: { project }, query }) => {
      await getProject(parts, project);
      const read = (page: Parameters<typeof listReleases>[2]) => store.read((db) => listReleases(db, project, page));
      return readPage(query, read, (row) => row.id, viewOf);
    },
  );
  app.get(
    '/v1/releases/:id',
    {
      schema: {
        operationId: 'getRelease',
        summary: 'A release',
        tags,
        params: z.object({ id: idField }),
        response: { 200: releaseView },
      },
    },
    async ({ params: { id } }) => {
      const found = await store.read((db) => findRelease(db, id));
      if (found) return viewOf(found);
      throw new SlipwayError('not_found', `there is no release ${id}`);
    },
  );
}

// the hash of the specification is left out: it covers secrets, which could be guessed by it
const viewOf = ({ id, project, commit, build, createdAt }: Release) => ({
  id,
  project,
  commit,
  build,
  createdAt: time(createdAt),
});
