import { rmSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { defineConfig, type Options } from 'tsup';

// both builds write here, side by side: neither may clean up after the other began
rmSync('dist', { recursive: true, force: true });

const common: Options = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  outDir: 'dist',
  silent: true,
  // what is bundled from CommonJS (yaml) requires Node's own modules
  banner: {
    js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
  },
};

/** zod words its errors in 50 languages: 300 kB that every command would parse, for the one that is used. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup: (build) =>
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    })),
};

export default defineConfig([
  {
    ...common,
    // split by what each command needs: `slipway --version` reads one small file, and only `slipway up` the server
    entry: { slipway: 'src/cli/main.ts' },
    splitting: true,
    // what nearly every command needs, in one file instead of a hundred. fastify-type-provider-zod must see the same zod.
    noExternal: ['zod', 'yaml', 'openapi-fetch', 'fastify-type-provider-zod'],
    esbuildPlugins: [oneLanguage],
  },
  {
    ...common,
    // loaded by its path, one process an instance: as small as can be. Source: supervisors.ts
    entry: { supervisor: 'src/adapters/engines/local/supervisor.ts' },
    splitting: false,
    noExternal: [/.*/],
    esbuildPlugins: [oneLanguage],
  },
]);
