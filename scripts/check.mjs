#!/usr/bin/env node
// npm run check: the compiler, the linter, the architecture and what nothing uses, side by side.
// Prints one line a tool, and what a tool found below it. Exits 1 when one of them failed.
import { execFile } from 'node:child_process';

const tools = [
  { name: 'types', argv: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  { name: 'lint', argv: ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off'] },
  { name: 'layers', argv: ['scripts/layers.mjs'] },
  { name: 'unused', argv: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
];

function run({ name, argv }) {
  const start = performance.now();
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      const verdict = error ? 'FAILED' : 'ok';
      const found = error ? `${stdout}${stderr}`.trimEnd() : '';
      console.log(`${name.padEnd(7)} ${verdict} (${seconds} s)${found && `\n${found}\n`}`);
      resolve(error !== null);
    });
  });
}

const failed = await Promise.all(tools.map(run));
process.exitCode = failed.includes(true) ? 1 : 0;
