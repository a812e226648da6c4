import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { gitHttpBackend } from '#adapters/sources/git/http-backend.ts';
import { installReceiveHook } from '#adapters/sources/git/receive-hook.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import { ensureProject, findProject } from '#store/projects.ts';
import { whoAsks } from './access.ts';
import type { ApiOptions } from './parts.ts';

/** What the git remote works with. `url`: where this server listens, once it does. */
type GitParts = Pick<ApiOptions, 'store' | 'sources' | 'workflows' | 'dataDirectory' | 'log'> & { url(): string };

const push = z.object({
  project: z.string(),
  updates: z.array(z.object({ old: z.string(), new: z.string(), ref: z.string() })),
});
const projectName = /^[a-z][a-z0-9-]{0,31}$/;

/** What a push in flight may say to the server: one secret each, forgotten when the push ends. */
interface PushInFlight {
  readonly project: string;
  readonly by: string;
}

/**
 * Slipway's own git remote: `/git/<project>.git`, smart HTTP. A first push makes the project. The hook of a push asks
 * `/git-hook` what will be deployed, and git shows the answer to whoever pushed.
 */
export async function gitRoutes(app: FastifyInstance, parts: GitParts): Promise<void> {
  const hooks = await installReceiveHook(`${parts.dataDirectory}/git/hooks`);
  const inFlight = new Map<string, PushInFlight>();
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // git's own bodies are streamed, never parsed
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.route({
      method: ['GET', 'POST'],
      url: '/git/:repository/*',
      schema: { hide: true },
      handler: (request, reply) => serve(parts, hooks, inFlight, request, reply),
    });
  });
  app.post('/git-hook', { schema: { hide: true, body: push } }, async (request, reply) => {
    const secret = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const known = inFlight.get(secret);
    const { project, updates } = push.parse(request.body);
    if (!known || known.project !== project) throw new SlipwayError('auth.required', 'this push is not known');
    const moved = updates.map((update) => ({ ref: update.ref, commit: /^0+$/.test(update.new) ? null : update.new }));
    const lines = await parts.workflows.receive(project, await withCommits(parts, project, moved), known.by);
    return reply.type('text/plain').send(lines.map((line) => `${line}\n`).join(''));
  });
}

/** An annotated tag moves to a tag object; what counts is the commit it points to. */
async function withCommits(
  parts: GitParts,
  project: string,
  updates: readonly { readonly ref: string; readonly commit: string | null }[],
) {
  const refs = await parts.sources.refs(project);
  return updates.map((update) =>
    update.commit === null
      ? update
      : { ref: update.ref, commit: refs.find((ref) => ref.name === update.ref)?.commit ?? update.commit },
  );
}

async function serve(
  parts: GitParts,
  hooks: string,
  inFlight: Map<string, PushInFlight>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { repository, '*': rest } = z.object({ repository: z.string(), '*': z.string() }).parse(request.params);
  const project = repository.replace(/\.git$/, '');
  const by = await whoAsks(parts.store, request).catch((thrown: unknown) => {
    reply.header('www-authenticate', 'Basic realm="Slipway"');
    throw thrown;
  });
  await prepareProject(parts, project, `/${rest}`, request);
  await relay(parts, hooks, inFlight, { project, by, path: `/${rest}` }, request, reply);
  if (rest === 'git-receive-pack') await lookAgain(parts, project, by);
  return reply;
}

async function relay(
  parts: GitParts,
  hooks: string,
  inFlight: Map<string, PushInFlight>,
  { project, by, path }: PushInFlight & { readonly path: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const secret = randomBytes(24).toString('base64url');
  inFlight.set(secret, { project, by });
  reply.hijack();
  try {
    await gitHttpBackend(
      {
        repository: parts.sources.repository(project),
        project,
        path,
        user: by,
        configFile: parts.sources.configFile,
        hooks,
        hook: { url: `${parts.url()}/git-hook`, secret },
        mayPush: true,
      },
      request.raw,
      reply.raw,
    );
  } catch (thrown) {
    parts.log(`git ${project}: ${messageOf(thrown)}`);
    if (!reply.raw.headersSent) reply.raw.writeHead(500);
    reply.raw.end();
  } finally {
    inFlight.delete(secret);
  }
}

/** A client that left early, or a hook that could not ask, has moved refs without a word: what moved counts. */
async function lookAgain(parts: GitParts, project: string, by: string): Promise<void> {
  try {
    for (const line of await parts.workflows.receiveMissed(project, by)) parts.log(`${project}: ${line}`);
  } catch (thrown) {
    parts.log(`git ${project}: its refs could not be compared: ${messageOf(thrown)}`);
  }
}

async function prepareProject(parts: GitParts, project: string, path: string, request: FastifyRequest): Promise<void> {
  if (!projectName.test(project))
    throw new SlipwayError(
      'input.invalid',
      `'${project}' is no project's name: 1-32 of a-z, 0-9, '-', with a letter first`,
    );
  const isPush =
    path === '/git-receive-pack' || (request.query as { readonly service?: string }).service === 'git-receive-pack';
  const known = await parts.store.read((db) => findProject(db, project));
  if (known === null && !isPush)
    throw new SlipwayError('not_found', `there is no project '${project}'`, 'push to it first');
  if (known === null) await parts.store.transaction((tx) => ensureProject(tx, project));
  await parts.sources.create(project);
}
