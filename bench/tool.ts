import { existsSync } from 'node:fs';
import { answer, slipwayClient } from '#client/client.ts';
import { events } from '#client/streams.ts';
import type { Slipway } from '../test/support/slipway.ts';
import type { Ground } from './ground.ts';
import { type Project, push } from './project.ts';
import { bundle, run } from './run.ts';

const endings = ['succeeded', 'failed', 'rolled-back', 'cancelled', 'superseded'];

/** Deploys a project's commit and returns when the deployment has succeeded. @throws Error naming how else it ended */
export type Deploy = (project: Project) => Promise<void>;

/** Makes a project known to the server: the push is not part of what is timed. */
export async function pushTo(slipway: Slipway, project: Project): Promise<void> {
  await push(project, { url: slipway.url, token: await slipway.token() });
}

/** What `slipway deploy` asks of the API: the request, then the live events to the end. */
export async function deployByApi(slipway: Slipway, project: Project): Promise<void> {
  const api = slipwayClient({ url: slipway.url, token: await slipway.token() });
  const made = await answer(
    api.POST('/v1/projects/{project}/deployments', {
      params: { path: { project: project.name } },
      body: { environment: 'bench', commit: project.commit, pull: false },
    }),
  );
  const query = { deployment: made.id, after: 0, types: endings.map((status) => `deployment.${status}`).join(',') };
  const over = new AbortController();
  for await (const event of events(api, query, AbortSignal.any([over.signal, AbortSignal.timeout(240_000)]))) {
    over.abort();
    if (event.type === 'deployment.succeeded') return;
    throw new Error(`${event.type}: ${JSON.stringify(event.data)}`);
  }
  throw new Error('the deployment did not end');
}

export interface DeployTool {
  /** Makes the server know the project's commit: no part of what is timed. */
  prepare(project: Project): Promise<void>;
  deploy: Deploy;
}

/** Slipway as a user has it: the bundled `slipway deploy`, where `npm run build` made one, else its requests; a server of its own process. */
export async function deployTool(ground: Ground): Promise<DeployTool> {
  const slipway = await ground.server();
  const isBuilt = existsSync(bundle);
  if (!isBuilt)
    ground.say('  there is no dist/slipway.js (npm run build): its requests are sent without the command line');
  const env = { ...process.env, SLIPWAY_URL: slipway.url, SLIPWAY_TOKEN: await slipway.token() };
  const byCommand = async (project: Project): Promise<void> => {
    await run(process.execPath, [bundle, 'deploy', '--environment', 'bench'], { cwd: project.folder, env });
  };
  return {
    prepare: (project) => pushTo(slipway, project),
    deploy: isBuilt ? byCommand : (project) => deployByApi(slipway, project),
  };
}
