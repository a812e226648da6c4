import { mask } from '#domain/secret.ts';
import { endBuild, findBuild, startBuild } from '#store/builds.ts';
import { type Deployment, updateDeployment } from '#store/deployments.ts';
import type { Built } from './build.ts';
import { type Context, secretsOf } from './context.ts';
import type { Outcome } from './outcome.ts';

/** Begins the build of a deployment's commit, or joins the one there is. @returns its id. */
export async function beginBuild(context: Context, deployment: Deployment): Promise<number> {
  const commit = deployment.commit ?? '';
  const { message } = await context.sources.commit(deployment.project, commit);
  return context.store.transaction(async (tx) => {
    const { build } = await startBuild(tx, {
      project: deployment.project,
      commit,
      ref: deployment.ref,
      message: message.split('\n')[0] ?? '',
    });
    await updateDeployment(tx, deployment.id, { build: build.id });
    return build.id;
  });
}

/** Ends a build with its event: what was made and what was there, or why it failed. */
export async function endBuildOf(
  context: Context,
  build: number,
  outcome: Outcome<unknown>,
  built: readonly Built[],
): Promise<null> {
  const names = (reused: boolean): string[] =>
    built.filter((item) => item.reused === reused).map((item) => item.service);
  const made = await context.store.read((db) => findBuild(db, build));
  const secrets = made && !outcome.ok ? await secretsOf(context, made.project) : [];
  await context.store.transaction((tx) =>
    endBuild(
      tx,
      build,
      outcome.ok
        ? { status: 'succeeded', built: names(false), reused: names(true) }
        : outcome.failure.code === 'deployment.cancelled'
          ? { status: 'cancelled', reason: 'cancelled' }
          : { status: 'failed', service: null, reason: mask(outcome.failure.message, secrets) },
    ),
  );
  return null;
}
