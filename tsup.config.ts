import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';
import { compile } from './src/cli/compiled.ts';

const common: Options = { target: 'node20', platform: 'node', splitting: false, silent: true };

/** zod words its errors in 50 languages: 300 kB that every command would parse, for the one that is used. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup: (build) =>
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    })),
};

export default defineConfig(({ outDir = 'dist' }) => {
  // both builds write here, side by side: neither may clean up after the other began
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  // units and checkouts of users name slipway.js, whatever it is written in
  writeFileSync(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
  return [
    { ...program, outDir, onSuccess: () => keepCompiled(outDir) },
    { ...supervisor, outDir },
  ];
});

/** CommonJS, which can be kept as V8 compiled it, in one file: what a command does not need is not run. */
const program: Options = {
  ...common,
  format: 'cjs',
  entry: { slipway: 'src/cli/bundle.ts', program: 'src/cli/program.ts' },
  outExtension: () => ({ js: '.js' }),
  // what nearly every command needs. fastify-type-provider-zod must see the same zod, and kysely is no CommonJS.
  noExternal: ['zod', 'yaml', 'openapi-fetch', 'fastify-type-provider-zod', 'kysely'],
  // only a supervisor that is run from its source is bundled by it
  external: ['esbuild'],
  banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'fileUrl' },
  esbuildOptions: (options) => {
    options.supported = { 'dynamic-import': false };
    // two thirds of the size, which is read at each start; names stay as they are, for traces
    Object.assign(options, { minifyWhitespace: true, minifySyntax: true });
  },
  esbuildPlugins: [oneLanguage],
};

async function keepCompiled(outDir: string): Promise<void> {
  const { run, keep } = compile<typeof import('./src/cli/program.ts')>(resolve(outDir, 'program.js'));
  await run().loadAll();
  keep();
}

/** Loaded by its path, one process an instance: as small as can be. Source: supervisors.ts */
const supervisor: Options = {
  ...common,
  format: 'esm',
  entry: { supervisor: 'src/adapters/engines/local/supervisor.ts' },
  outExtension: () => ({ js: '.mjs' }),
  noExternal: [/.*/],
  esbuildPlugins: [oneLanguage],
  // what is bundled from CommonJS requires Node's own modules
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
  },
};
