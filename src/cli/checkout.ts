import { SlipwayError } from '#domain/errors.ts';
import type { Context } from './context.ts';
import { environmentFor, readFolder, rootOf } from './folder.ts';
import { type Head, pushCommit, readHead } from './git.ts';

/** What `plan` and `deploy` are about. */
export interface Checkout {
  /** The project's folder, absolute. */
  readonly root: string;
  readonly head: Head;
  readonly project: string;
  readonly environment: string;
}

/** HEAD of this checkout, and which environment is meant. @throws SlipwayError `source.refused`, `cli.usage` where the environment is not clear */
export async function checkoutFor(context: Context, environment: string | undefined): Promise<Checkout> {
  const root = rootOf(context.cwd);
  // git answers while the project file is read
  const [head, { config }] = await Promise.all([readHead(root), Promise.resolve().then(() => readFolder(root))]);
  return { root, head, project: config.project, environment: environmentFor(config, environment, head.branch).name };
}

/**
 * Asks the server something of a checkout's commit. Where the server does not have the commit, or the project, yet, it is pushed
 * first, moving no branch; a push that finds it there would cost as much as the question.
 * @throws SlipwayError `source.refused` where it cannot be pushed, and what `ask` throws
 */
export async function askOf<Answer>(
  context: Context,
  { root, project, head }: Checkout,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    if (!(thrown instanceof SlipwayError) || thrown.code !== 'not_found') throw thrown;
    await pushCommit(root, context.access, project, head.commit);
    return ask();
  }
}
