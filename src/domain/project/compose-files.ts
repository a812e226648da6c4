import type { Finding } from '../plan/change.ts';

/** The names by which Compose finds its file, in its order. Source: compose-spec, "Compose file". */
export const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'] as const;

const overrideNames = composeNames.map((name) => name.replace(/\./, '.override.'));

/**
 * The Compose files of a project, relative to its folder: those that `slipway.yaml` names, else the first by Compose's own names.
 * @param exists whether there is such a file. @returns none where there is none.
 */
export function composeFiles(named: readonly string[], exists: (path: string) => boolean): readonly string[] {
  if (named.length > 0) return named;
  return composeNames.filter(exists).slice(0, 1);
}

/**
 * Override files that docker compose would merge by itself and Slipway does not: they are made for a developer's machine (ports,
 * sources mounted from disk), and what is deployed is what is named. Each is told, so that nothing is left out in silence.
 */
export function overridesLeftOut(files: readonly string[], exists: (path: string) => boolean): readonly Finding[] {
  return overrideNames
    .filter((name) => exists(name) && !files.includes(name))
    .map((name) => ({
      level: 'note',
      service: null,
      field: 'compose',
      message: `${name} is left out: docker compose merges it for development; to deploy with it, write \`compose: [${[...files, name].join(', ')}]\` in slipway.yaml`,
    }));
}
