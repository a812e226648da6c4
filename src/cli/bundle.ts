#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { compile } from './compiled.ts';

/** `slipway` as `npm run build` makes it: the program beside it, as it was compiled then. */
const { run } = compile<typeof import('./program.ts')>(fileURLToPath(new URL('program.js', import.meta.url)));
void run().program(process.argv.slice(2));
