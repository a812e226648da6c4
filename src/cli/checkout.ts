import type { Context } from './context.ts';
import { environmentFor, openFolder } from './folder.ts';
import { type Head, pushCommit, readHead } from './git.ts';

/** What `plan` and `deploy` are about. */
export interface CheckoutAsked {
  readonly head: Head;
  readonly project: string;
  readonly environment: string;
}

/**
 * HEAD of this checkout, on the server: where a commit is not there yet it is pushed, moving no branch.
 * @throws SlipwayError `source.refused`, `cli.usage` where the environment is not clear
 */
export async function checkoutFor(context: Context, environment: string | undefined): Promise<CheckoutAsked> {
  const folder = openFolder(context.cwd);
  const head = await readHead(folder.root);
  const { project } = folder.config;
  const { name } = environmentFor(folder.config, environment, head.branch);
  await pushCommit(folder.root, context.access, project, head.commit);
  return { head, project, environment: name };
}
