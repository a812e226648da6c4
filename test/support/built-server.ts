import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = new URL('../..', import.meta.url).pathname;
const variable = 'SLIPWAY_TEST_SERVER';

/**
 * The file that Node runs as a test's server. Built once for all tests: tests start servers some hundred times, and a server that
 * compiles its sources as it starts takes 1.6 s of a core for it, one that is built 0.4 s.
 */
export async function builtServer(): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined) return given;
  own ??= buildServer();
  return own;
}

let own: Promise<string> | undefined;

/** Before all tests: the processes that run them inherit where it is. @returns what is done after them */
export async function setup(): Promise<() => Promise<void>> {
  const file = await buildServer();
  process.env[variable] = file;
  return () => rm(join(file, '..'), { recursive: true, force: true });
}

/** Below node_modules, from where libraries are found. The supervisor of local instances stands beside the server, as in the bundle. */
async function buildServer(): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const outdir = await mkdtemp(join(cache, 'slipway-test-server-'));
  const common = { outdir, bundle: true, platform: 'node', format: 'esm', target: 'node20' } as const;
  const outExtension = { '.js': '.mjs' };
  await Promise.all([
    build({ ...common, outExtension, entryPoints: [join(root, 'test/support/server.ts')], packages: 'external' }),
    build({ ...common, outExtension, entryPoints: [join(root, 'src/adapters/engines/local/supervisor.ts')] }),
  ]);
  return join(outdir, 'server.mjs');
}
