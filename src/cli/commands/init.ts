import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { answer } from '#client/client.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { Finding } from '#domain/plan/change.ts';
import { originOf } from '../access.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { draftsOf, finding, findingLines } from '../drafts.ts';
import { composeFilesOf, type Folder, openFolder, projectFile, projectNameFor } from '../folder.ts';
import { currentBranch, git } from '../git.ts';
import { count, type Screen } from '../output.ts';
import { projectTemplate } from '../project-template.ts';
import { addRemote, remoteName, remoteUrl } from '../remote.ts';

const engine = z.object({ engine: z.enum(['local', 'swarm']), runs: z.boolean(), findings: z.array(finding) });
const result = z.object({
  project: z.string(),
  root: z.string(),
  file: z.object({ path: z.string(), written: z.boolean() }),
  branch: z.string(),
  cluster: z.string().nullable(),
  remote: z.object({ name: z.string(), url: z.string(), state: z.enum(['added', 'moved', 'kept', 'no repository']) }),
  engines: z.array(engine),
  next: z.array(z.string()),
});
type Result = z.output<typeof result>;

const defaultServer = 'http://127.0.0.1:4646';

/** `slipway init`: works without a server; with one it knows which clusters there are. */
export const init = command({
  name: 'init [project]',
  about: 'Make a folder with a Compose file a project: slipway.yaml and the git remote',
  details:
    'An existing slipway.yaml is kept as it is. The remote `slipway` points to the server that is known (SLIPWAY_URL,\n' +
    '`slipway login`, one on this machine), and git asks `slipway` itself for the token.',
  args: z.object({
    project: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, "is not 1-32 of a-z, 0-9, '-', with a letter first")
      .optional()
      .describe('Its name; by default the folder’s'),
    branch: z.string().optional().describe('The branch that deploys; by default the current one').meta({ short: 'b' }),
    cluster: z.string().optional().describe('Where it runs; by default what can run it'),
  }),
  result,
  run: initialise,
  show: shown,
});

async function initialise(
  said: {
    readonly project?: string | undefined;
    readonly branch?: string | undefined;
    readonly cluster?: string | undefined;
  },
  context: Context,
): Promise<Result> {
  const found = openFolder(context.cwd);
  const project = said.project ?? (found.isWritten ? found.config.project : projectNameFor(found.root));
  const folder: Folder = { ...found, config: { ...found.config, project } };
  const branch = said.branch ?? (await currentBranch(folder.root)) ?? 'main';
  const engines = await enginesFor(folder, context);
  const cluster = said.cluster ?? (await clusterFor(context, engines));
  if (!folder.isWritten) {
    const compose = composeFilesOf(folder);
    writeFileSync(join(folder.root, projectFile), projectTemplate({ project, compose, branch, cluster }), {
      flag: 'wx',
    });
  }
  const remote = await remoteFor(folder, context);
  return {
    project,
    root: folder.root,
    file: { path: join(folder.root, projectFile), written: !folder.isWritten },
    branch,
    cluster,
    remote,
    engines,
    next: await nextSteps(folder.root, remote.state, branch),
  };
}

/** What each engine can and cannot run of it, by the domain and the engines' own rules. */
async function enginesFor(folder: Folder, { env }: Context): Promise<Result['engines']> {
  // the engines' rules are the server's: loaded for this command only
  const { engineChecks } = await import('#engine-checks.ts');
  const environment = folder.config.environments[0]?.name ?? 'production';
  return (['local', 'swarm'] as const).map((name) => {
    const { artifacts, check } = engineChecks[name];
    const draft = draftsOf(folder, environment, env, artifacts);
    const findings: readonly Finding[] = [...draft.findings, ...check(draft.spec)];
    return { engine: name, runs: !findings.some(({ level }) => level === 'refused'), findings: [...findings] };
  });
}

/** The one registered cluster whose engine runs it, where the server is there to say so; `null`: let it be the default. */
async function clusterFor(context: Context, engines: Result['engines']): Promise<string | null> {
  try {
    const { items } = await answer(context.api.GET('/v1/clusters', { signal: AbortSignal.timeout(5_000) }));
    const fit = items.filter((cluster) => engines.some((one) => one.engine === cluster.engine && one.runs));
    if (items.length < 2) return null;
    return fit[0]?.name ?? null;
  } catch (thrown) {
    if (thrown instanceof SlipwayError && thrown.code !== 'auth.required') context.note(`note: ${messageOf(thrown)}`);
    return null;
  }
}

async function remoteFor({ root, config }: Folder, context: Context): Promise<Result['remote']> {
  const server = originOf(serverOf(context));
  const url = remoteUrl(server, config.project);
  const isRepository = (await git(root, ['rev-parse', '--git-dir'])).code === 0;
  const state = isRepository ? await addRemote(root, url, server, context.env) : 'no repository';
  return { name: remoteName, url, state };
}

function serverOf(context: Context): string {
  try {
    return context.access.url;
  } catch (thrown) {
    if (thrown instanceof SlipwayError && thrown.code === 'auth.required') return context.server ?? defaultServer;
    throw thrown;
  }
}

async function nextSteps(root: string, remote: Result['remote']['state'], branch: string): Promise<string[]> {
  if (remote === 'no repository') return [`git init -b ${branch}`, 'slipway init'];
  const status = await git(root, ['status', '--porcelain', '--', projectFile]);
  const commit = status.stdout === '' ? [] : [`git add ${projectFile} && git commit -m "Deploy with Slipway"`];
  return [...commit, 'slipway plan', `git push ${remoteName} ${branch}`];
}

function shown({ project, file, remote, engines, next, branch, cluster }: Result, { paint }: Screen): string {
  const written = file.written ? 'written' : 'kept as it was';
  const remoteLine =
    remote.state === 'no repository' ? 'this is no git repository yet' : `${remote.url} (${remote.state})`;
  const lines = engines.map((one) => {
    const refused = new Set(one.findings.filter(({ level }) => level === 'refused').map(({ service }) => service ?? ''))
      .size;
    const verdict = one.runs ? paint.good('runs it') : paint.bad(`cannot run ${count(refused, 'service')} of it`);
    return `\nThe ${one.engine} engine ${verdict}\n${findingLines(one.findings, paint)}`;
  });
  return [
    `${paint.strong(project)}: ${relative(process.cwd(), file.path)} ${written}; branch '${branch}' deploys${cluster === null ? '' : ` to cluster '${cluster}'`}\n`,
    `git remote ${remote.name}: ${remoteLine}\n`,
    ...lines,
    `\nNext:\n${next.map((line) => `  ${line}\n`).join('')}`,
  ].join('');
}
