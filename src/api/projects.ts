import { z } from 'zod';
import { withoutCredentials } from '#adapters/sources/git/names.ts';
import { SlipwayError } from '#domain/errors.ts';
import { findProject, listProjects, listRefs, type Project, saveProject } from '#store/projects.ts';
import { projectName, time, timeField } from './fields.ts';
import { namedPage, pageOf, pageQuery } from './page.ts';
import type { ApiParts, App } from './parts.ts';

const projectView = z
  .object({
    name: projectName,
    sourceUrl: z.string().nullable().describe('Where commits are fetched from; null: they are pushed'),
    gitUrl: z.string().describe('The project as a git remote of this server'),
    createdAt: timeField,
  })
  .meta({ id: 'Project' });
const refView = z.object({ name: z.string(), commit: z.string(), seenAt: timeField });
const projectDetail = projectView.extend({ refs: z.array(refView) }).meta({ id: 'ProjectDetail' });
const newProject = z.object({ name: projectName, sourceUrl: z.string().max(2048).nullish() });
const fetchRequest = z
  .object({
    url: z.string().max(2048).optional().describe('A git URL or path; by default the project’s source'),
    refs: z.array(z.string()).min(1).max(100).default(['refs/heads/*', 'refs/tags/*']),
  })
  .default({ refs: ['refs/heads/*', 'refs/tags/*'] });
const fetchAnswer = z
  .object({
    refs: z.array(z.object({ name: z.string(), commit: z.string() })),
    lines: z.array(z.string()).describe('What will be deployed where, or why nothing is: what a push would print'),
  })
  .meta({ id: 'Fetched' });
const params = z.object({ project: projectName });
const tags = ['projects'];

/** Projects, and fetching commits into them. */
export function projectRoutes(app: App, parts: ApiParts): void {
  readProjects(app, parts);
  changeProjects(app, parts);
}

function readProjects(app: App, parts: ApiParts): void {
  const { store } = parts;
  const view = (project: Project) => viewOf(parts, project);
  app.get(
    '/v1/projects',
    {
      schema: {
        operationId: 'listProjects',
        summary: 'List projects by name',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(projectView) },
      },
    },
    async ({ query }) => {
      const { rows, next } = namedPage(query, await store.read((db) => listProjects(db)), (row) => row.name);
      return { items: rows.map(view), next };
    },
  );
  app.get(
    '/v1/projects/:project',
    {
      schema: {
        operationId: 'getProject',
        summary: 'A project with its refs as last seen',
        tags,
        params,
        response: { 200: projectDetail },
      },
    },
    async ({ params: { project } }) => {
      const found = await getProject(parts, project);
      const refs = await store.read((db) => listRefs(db, project));
      return {
        ...view(found),
        refs: refs.map(({ name, commit, seenAt }) => ({ name, commit, seenAt: time(seenAt) })),
      };
    },
  );
}

function changeProjects(app: App, parts: ApiParts): void {
  const view = (project: Project) => viewOf(parts, project);
  app.post(
    '/v1/projects',
    {
      schema: {
        operationId: 'createProject',
        summary: 'Make a project',
        tags,
        body: newProject,
        response: { 201: projectView },
      },
    },
    async ({ body }, reply) => reply.status(201).send(view(await create(parts, body.name, body.sourceUrl ?? null))),
  );
  app.post(
    '/v1/projects/:project/fetch',
    {
      schema: {
        operationId: 'fetchProject',
        summary: 'Fetch refs of a git URL or path, and act on them as on a push',
        tags,
        params,
        body: fetchRequest,
        response: { 200: fetchAnswer },
      },
    },
    async ({ params: { project }, body, by }) => fetchInto(parts, await getProject(parts, project), body, by),
  );
}

/** @throws SlipwayError `not_found` */
export async function getProject(parts: Pick<ApiParts, 'store'>, name: string): Promise<Project> {
  const found = await parts.store.read((db) => findProject(db, name));
  if (found) return found;
  throw new SlipwayError('not_found', `there is no project '${name}'`, 'push to it, or make it, first');
}

function viewOf(parts: ApiParts, { name, sourceUrl, createdAt }: Project) {
  const shown = sourceUrl === null ? null : withoutCredentials(sourceUrl);
  return { name, sourceUrl: shown, gitUrl: `${parts.url()}/git/${name}.git`, createdAt: time(createdAt) };
}

async function create(parts: ApiParts, name: string, sourceUrl: string | null): Promise<Project> {
  if (sourceUrl !== null && withoutCredentials(sourceUrl) !== sourceUrl && /^https?:/i.test(sourceUrl))
    throw new SlipwayError(
      'input.invalid',
      'the source URL holds a credential, which would be kept and shown',
      'leave it out, and give the URL with it to each fetch',
    );
  const project = await parts.store.transaction(async (tx) => {
    if (await findProject(tx, name)) throw new SlipwayError('conflict', `there is a project '${name}' already`);
    return saveProject(tx, { name, sourceUrl });
  });
  await parts.sources.create(name);
  return project;
}

async function fetchInto(
  parts: ApiParts,
  project: Project,
  wanted: { readonly url?: string | undefined; readonly refs: readonly string[] },
  by: string,
): Promise<z.output<typeof fetchAnswer>> {
  const { sources, store, workflows } = parts;
  const url = wanted.url ?? project.sourceUrl;
  if (url === null)
    throw new SlipwayError('input.invalid', `project '${project.name}' has no source to fetch from`, 'name a `url`');
  await sources.create(project.name);
  const refs = await sources.fetch(project.name, url, wanted.refs, AbortSignal.timeout(15 * 60_000));
  const [there, seen] = await Promise.all([sources.refs(project.name), store.read((db) => listRefs(db, project.name))]);
  const moved = there.filter((ref) => seen.find((old) => old.name === ref.name)?.commit !== ref.commit);
  const gone = seen.filter((old) => !there.some((ref) => ref.name === old.name));
  const updates = [
    ...moved.map(({ name, commit }) => ({ ref: name, commit })),
    ...gone.map(({ name }) => ({ ref: name, commit: null })),
  ];
  const lines = await workflows.receive(project.name, updates, by);
  return { refs: refs.map(({ name, commit }) => ({ name, commit })), lines: [...lines] };
}
