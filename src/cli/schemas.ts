import { z } from 'zod';
import { deploymentStatuses } from '#domain/deployment.ts';

/** What `--json` prints of the things of the API: the fields that scripts can rely on; others may come. */
const permission = z.looseObject({ allowed: z.boolean(), why: z.string().nullable() });
const time = z.string().describe('ISO 8601, UTC');

export const deployment = z.looseObject({
  id: z.number(),
  project: z.string(),
  environment: z.string(),
  stack: z.string(),
  cluster: z.string(),
  commit: z.string().nullable(),
  kind: z.enum(['push', 'deploy', 'rollback', 'remove']),
  status: z.enum(deploymentStatuses),
  reason: z.string().nullable(),
  over: z.boolean(),
  createdAt: time,
  endedAt: time.nullable(),
  can: z.looseObject({ cancel: permission }),
});

const instance = z.looseObject({
  id: z.string(),
  slot: z.string(),
  node: z.string().nullable(),
  state: z.string(),
  health: z.string(),
  message: z.string().nullable(),
  addresses: z.array(z.string()),
  since: time,
});
export const stack = z.looseObject({
  name: z.string(),
  project: z.string(),
  environment: z.string(),
  cluster: z.string(),
  reachable: z.boolean(),
  why: z.string().nullable(),
  services: z.array(
    z.looseObject({
      name: z.string(),
      image: z.string().nullable(),
      commit: z.string().nullable(),
      checked: z.boolean(),
      wanted: z.number(),
      running: z.number(),
      healthy: z.number(),
      instances: z.array(instance),
    }),
  ),
});

export const cluster = z.looseObject({
  name: z.string(),
  engine: z.string(),
  reachable: z.boolean(),
  why: z.string().nullable(),
  nodes: z.array(z.looseObject({ name: z.string(), role: z.string(), ready: z.boolean() })),
});

export const plan = z.looseObject({
  project: z.string(),
  environment: z.string(),
  commit: z.string(),
  stack: z.string(),
  cluster: z.string(),
  changes: z.array(
    z.looseObject({
      kind: z.enum(['service', 'network', 'volume', 'config', 'secret']),
      name: z.string(),
      action: z.enum(['create', 'update', 'replace', 'remove']),
      why: z.string(),
      fields: z.array(
        z.looseObject({
          path: z.string(),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
          cause: z.enum(['specification', 'drift']),
        }),
      ),
    }),
  ),
  unchanged: z.array(z.looseObject({ kind: z.string(), name: z.string() })),
  findings: z.array(
    z.looseObject({
      level: z.enum(['refused', 'differs', 'note']),
      service: z.string().nullable(),
      field: z.string(),
      message: z.string(),
    }),
  ),
});

export const event = z.looseObject({
  specversion: z.string(),
  id: z.string(),
  type: z.string(),
  source: z.string(),
  subject: z.string(),
  time,
  sequence: z.string(),
  data: z.unknown(),
});

export const logLine = z.looseObject({
  service: z.string(),
  instance: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  at: time,
  text: z.string(),
});
export const variable = z.looseObject({
  name: z.string(),
  environment: z.string(),
  secret: z.boolean(),
  value: z.string().nullable().describe('null for a secret'),
});
export const registry = z.looseObject({ host: z.string(), username: z.string() });
export const channel = z.looseObject({ name: z.string(), kind: z.string() });
export const project = z.looseObject({ name: z.string(), sourceUrl: z.string().nullable(), gitUrl: z.string() });
export const removed = z.object({ removed: z.string() });
/** The shape of every list: `{"items": […]}`. */
export const listOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item) });

export const execOutput = z.union([
  z.object({ stream: z.enum(['stdout', 'stderr']), base64: z.base64() }),
  z.object({ exitCode: z.number() }),
]);
