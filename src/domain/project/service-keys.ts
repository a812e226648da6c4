import { z } from 'zod';
import { type Checked, checkNode } from '../checked.ts';
import type { Node } from '../compose/node.ts';
import type { HttpCheck, LocalSettings } from '../stack/spec.ts';
import { defaultInfoField } from '../tests/info.ts';
import { durationMs, scalar, texts } from './values.ts';

const path = z.string().startsWith('/', 'a path begins with /');
const port = z.int().min(1).max(65_535);
const httpCheck = z.union([path, z.strictObject({ path, port: port.optional(), timeout: durationMs.optional() })]);
const infoCheck = z.union([
  path,
  z.strictObject({ path, port: port.optional(), timeout: durationMs.optional(), field: z.string().optional() }),
]);
const argv = z.array(scalar).min(1);
const health = z.union([
  path,
  z.strictObject({ path }),
  z.strictObject({ command: argv }),
  z.strictObject({ tcp: z.literal(true) }),
]);

const local = z.strictObject({
  directory: z.string().optional(),
  install: argv.optional(),
  command: argv.optional(),
  health: health.optional(),
  port: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable')
    .optional(),
});

/** What stands under a service's `x-slipway:`. */
export const serviceSchema = z
  .strictObject({
    test: httpCheck.optional(),
    info: infoCheck.optional(),
    watch: texts.optional(),
    environment: z.record(z.string(), scalar).optional(),
    rollout: z
      .strictObject({
        order: z.enum(['start-first', 'stop-first']).optional(),
        parallelism: z.int().min(1).optional(),
        delay: durationMs.optional(),
        stability: durationMs.optional(),
        deadline: durationMs.optional(),
        failures: z.int().min(1).optional(),
      })
      .optional(),
    local: local.optional(),
    // of later work: kept, and named by a note of the plan
    routes: z.unknown().optional(),
    outputs: z.unknown().optional(),
  })
  .meta({ title: 'x-slipway of a service' });

export type ServiceKeys = z.output<typeof serviceSchema>;

/** Reads a service's `x-slipway:`; without one it says nothing. */
export function readServiceKeys(node: Node | undefined, service: string): Checked<ServiceKeys> {
  return node === undefined ? { ok: true, value: {} } : checkNode(serviceSchema, node, `services.${service}.x-slipway`);
}

const testTimeoutMs = 300_000;
const infoTimeoutMs = 10_000;

/** How an instance is asked for its tests. */
export function testCheck(keys: ServiceKeys): HttpCheck | null {
  if (keys.test === undefined) return null;
  const { path: at, port: to, timeout } = typeof keys.test === 'string' ? { path: keys.test } : keys.test;
  return { path: at, port: to ?? null, timeoutMs: timeout ?? testTimeoutMs };
}

/** How an instance is asked for its commit. `field`: where in the answer, by default C's form or the top level. */
export function infoCheckOf(keys: ServiceKeys): (HttpCheck & { readonly field: string }) | null {
  if (keys.info === undefined) return null;
  const { path: at, port: to, timeout, field } = typeof keys.info === 'string' ? { path: keys.info } : keys.info;
  return { path: at, port: to ?? null, timeoutMs: timeout ?? infoTimeoutMs, field: field ?? defaultInfoField };
}

/** How the local engine runs it; `context`: the build's folder, where nothing else is said. */
export function localSettings(keys: ServiceKeys, context: string | null): LocalSettings | null {
  if (keys.local === undefined) return null;
  const { directory, install, command, port: variable } = keys.local;
  return {
    directory: clean(directory ?? context ?? '.'),
    install: install ?? null,
    command: command ?? null,
    health: healthOf(keys.local.health),
    portVariable: variable ?? 'PORT',
  };
}

const clean = (folder: string): string => folder.replace(/^\.\/(?=.)/, '').replace(/\/+$/, '') || '.';

function healthOf(said: z.output<typeof health> | undefined): LocalSettings['health'] {
  if (said === undefined) return null;
  if (typeof said === 'string') return { http: said };
  return 'path' in said ? { http: said.path } : said;
}
