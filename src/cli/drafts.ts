import { join } from 'node:path';
import { z } from 'zod';
import { loadCompose } from '#domain/compose/load.ts';
import type { Finding } from '#domain/plan/change.ts';
import { overridesLeftOut } from '#domain/project/compose-files.ts';
import { type StackDraft, stackFromCompose } from '#domain/stack/from-compose/from-compose.ts';
import { readerBelow } from './disk.ts';
import { composeFilesOf, environmentFor, existsIn, type Folder, variablesOf } from './folder.ts';
import type { Paints } from './output.ts';

/** What of a stack cannot be run, or runs with a difference, as `--json` prints it. */
export const finding = z.object({
  level: z.enum(['refused', 'differs', 'note']),
  service: z.string().nullable(),
  field: z.string(),
  message: z.string(),
});

/**
 * An environment's stack as the files on disk say it, by the server's rules: nothing outside the folder is read.
 * @throws SlipwayError `compose.invalid`, `compose.outside_checkout`, `project.invalid`, `stack.name_invalid`
 */
export function draftsOf(
  folder: Folder,
  environment: string,
  env: Readonly<Record<string, string | undefined>>,
  artifacts: 'image' | 'checkout',
): StackDraft {
  const read = readerBelow(folder.root);
  const files = composeFilesOf(folder);
  const loaded = loadCompose({
    files: files.map((path) => join(folder.root, path)),
    projectDirectory: folder.root,
    environment: variablesOf(env),
    projectName: folder.config.project,
    read: { read: (path) => read(path)?.toString('utf8') },
  });
  const draft = stackFromCompose({
    project: folder.config,
    environment: environmentFor(folder.config, environment, null),
    // `{sha}` in a stack's name: any commit shows whether it can be one
    commit: '0'.repeat(40),
    loaded,
    root: folder.root,
    artifacts,
    read,
  });
  return { ...draft, findings: [...draft.findings, ...overridesLeftOut(files, existsIn(folder.root))] };
}

/** Findings by what they mean, the worst first; nothing where there are none. */
export function findingLines(findings: readonly Finding[], paint: Paints): string {
  const groups = [
    ['refused', paint.bad('cannot run')],
    ['differs', paint.changed('differs')],
    ['note', paint.faint('note')],
  ] as const;
  return groups
    .flatMap(([level, title]) =>
      findings
        .filter((one) => one.level === level)
        .map(
          ({ service, field, message }) =>
            `  ${title}  ${service === null ? '' : `${service}: `}${field}: ${message}\n`,
        ),
    )
    .join('');
}
