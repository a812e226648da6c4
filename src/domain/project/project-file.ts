import { z } from 'zod';
import { parseYaml } from '../compose/parse.ts';
import { lineStartsOf, type Source } from '../compose/source.ts';
import { readSettings, SettingsError } from './settings.ts';
import { durationMs, scalar, texts } from './values.ts';

const trigger = z.strictObject({ branch: texts.optional(), tag: texts.optional() });

/** How rollouts go, for every service that does not say otherwise. */
const deploySettings = z.strictObject({
  deadline: durationMs.optional(),
  stability: durationMs.optional(),
  failures: z.int().min(1).optional(),
});

const environment = z.strictObject({
  deployOn: trigger.optional(),
  cluster: z.string().optional(),
  clusters: z.array(z.string()).min(1).optional(),
  deployLevel: z.string().optional(),
  values: z.record(z.string(), scalar).optional(),
  deploy: deploySettings.optional(),
  // of later work: kept, and named by `notYet`
  protect: z.looseObject({}).optional(),
  strategy: z.enum(['rolling', 'side-by-side']).optional(),
  dns: z.looseObject({}).optional(),
});

/** The whole of slipway.yaml. Published as docs/schema/slipway.schema.json. */
export const projectSchema = z.strictObject({
  project: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "a project's name is 1-32 of a-z, 0-9, '-', with a letter first"),
  compose: texts.optional(),
  stack: z.string().optional(),
  values: z.record(z.string(), scalar).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  environments: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "an environment's name is 1-32 of a-z, 0-9, '-', with a letter first"),
      environment,
    )
    .optional(),
  notify: z.array(z.strictObject({ on: texts, to: z.string() })).optional(),
});

export type EnvironmentSettings = z.output<typeof environment>;

/** slipway.yaml with every default in it. */
export interface ProjectFile {
  readonly project: string;
  readonly compose: readonly string[] | null;
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, EnvironmentSettings>>;
  readonly notify: readonly { readonly on: readonly string[]; readonly to: string }[];
  readonly tags: Readonly<Record<string, string>> | null;
}

const defaultEnvironments: Readonly<Record<string, EnvironmentSettings>> = {
  production: { deployOn: { branch: ['main', 'master'] } },
};

/**
 * Reads slipway.yaml. Without one (`text` undefined) the project is `fallbackName`, with the one environment `production` on
 * main or master. `file`: its path, for messages. @throws SettingsError, ComposeError (not YAML)
 */
export function readProjectFile(text: string | undefined, file: string, fallbackName: string): ProjectFile {
  const source: Source = { file, directory: '/', environment: {}, lineStarts: lineStartsOf(text ?? '') };
  const roots = text === undefined ? [] : parseYaml(text, source);
  const [root] = roots;
  if (root === undefined) return withDefaults({ project: fallbackName });
  if (roots.length > 1)
    throw new SettingsError([{ file, line: 1, column: 1, path: '', message: 'more than one YAML document' }]);
  return withDefaults(readSettings(projectSchema, root, ''));
}

function withDefaults(read: z.output<typeof projectSchema>): ProjectFile {
  return {
    project: read.project,
    compose: read.compose ?? null,
    stack: read.stack ?? '{project}-{environment}',
    values: read.values ?? {},
    environments: read.environments ?? defaultEnvironments,
    notify: read.notify ?? [],
    tags: read.tags ?? null,
  };
}
