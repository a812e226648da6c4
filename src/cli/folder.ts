import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { normalName } from '#domain/compose/project-name.ts';
import { SlipwayError } from '#domain/errors.ts';
import { composeFiles, composeNames } from '#domain/project/compose-files.ts';
import type { EnvironmentConfig, ProjectConfig } from '#domain/project/config.ts';
import { parseProject } from '#domain/project/parse.ts';
import { triggersOf } from '#domain/project/triggers.ts';
import { bytesOf } from './disk.ts';

export const projectFile = 'slipway.yaml';

/** A project's folder on this machine. */
export interface Folder {
  /** Absolute. */
  readonly root: string;
  readonly config: ProjectConfig;
  /** Whether there is a slipway.yaml. */
  readonly isWritten: boolean;
}

/**
 * The nearest folder, from `cwd` upwards to the top of the repository, with a slipway.yaml or a Compose file.
 * @throws SlipwayError `compose.unreadable` where there is none, `project.invalid`
 */
export const openFolder = (cwd: string): Folder => readFolder(rootOf(cwd));

/** That folder, unread. @throws SlipwayError `compose.unreadable` */
export function rootOf(cwd: string): string {
  const root = findRoot(resolve(cwd));
  if (root !== null) return root;
  throw new SlipwayError(
    'compose.unreadable',
    `there is no ${projectFile} and no Compose file in ${cwd} or above`,
    `go to the project's folder; its Compose file is one of ${composeNames.join(', ')}`,
  );
}

/** What is written in a project's folder. @throws SlipwayError `project.invalid` */
export function readFolder(root: string): Folder {
  const path = join(root, projectFile);
  const text = bytesOf(path)?.toString('utf8');
  return { root, config: parseProject(text, path, projectNameFor(root)), isWritten: text !== undefined };
}

function findRoot(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if ([projectFile, ...composeNames].some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder) || existsSync(join(folder, '.git'))) return null;
  }
}

/** A project's name made of its folder's: 1-32 of a-z, 0-9, '-', a letter first, as the server's remotes have them. */
export function projectNameFor(root: string): string {
  const name = normalName(basename(root).replace(/[\s._]+/g, '-')).replace(/^[^a-z]+/, '');
  return name.slice(0, 32).replace(/-+$/, '') || 'project';
}

/** The Compose files of a project, relative to its root. @throws SlipwayError `compose.unreadable` */
export function composeFilesOf({ root, config }: Folder): readonly string[] {
  const found = composeFiles(config.compose, existsIn(root));
  if (found.length > 0) return found;
  throw new SlipwayError(
    'compose.unreadable',
    `there is no Compose file in ${root} (${composeNames.join(', ')})`,
    `add one, or name it by \`compose:\` in ${projectFile}`,
  );
}

/** Whether a file is in a folder. */
export const existsIn = (root: string) => (path: string) => existsSync(join(root, path));

/**
 * The environment that is meant: the named one, the one that the branch deploys to, or the only one.
 * @throws SlipwayError `cli.usage` where none or several could be meant
 */
export function environmentFor(
  config: ProjectConfig,
  named: string | undefined,
  branch: string | null,
): EnvironmentConfig {
  const known = config.environments.map((environment) => environment.name).join(', ');
  if (named !== undefined) {
    const found = config.environments.find((environment) => environment.name === named);
    if (found) return found;
    throw new SlipwayError('cli.usage', `there is no environment '${named}' in ${projectFile}`, `there are: ${known}`);
  }
  const triggers = branch === null ? [] : triggersOf(config, `refs/heads/${branch}`);
  const deploying = triggers.filter((trigger) => trigger.deploys).map((trigger) => trigger.environment);
  const candidates = config.environments.filter(({ name }) => deploying.includes(name));
  const [only, second] = candidates.length > 0 ? candidates : config.environments;
  if (only !== undefined && second === undefined) return only;
  const why =
    branch === null ? 'several environments are declared' : `branch '${branch}' does not say which environment`;
  throw new SlipwayError('cli.usage', why, `name one with --environment: ${known}`);
}

/** The shell's variables, as Compose interpolates them. */
export const variablesOf = (env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
