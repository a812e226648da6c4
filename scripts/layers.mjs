#!/usr/bin/env node
// The tree is the architecture: says where an import breaks a layer, a library is used in two layers, or a file is
// too long. Resolved paths are compared, so `../../store/x.ts` is seen as well as `#store/x.ts`. (Cycles, function
// length and the purity of the domain are Biome's, in biome.json.) Tests may import what they need.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** Whom each layer may import, besides itself and `domain`. `adapters/*` is a layer for each of its folders. */
const mayImport = {
  domain: [],
  store: [],
  adapters: [],
  'adapters/*': ['adapters'],
  workflows: ['store', 'adapters', 'adapters/*'],
  api: ['store', 'workflows', 'adapters', 'adapters/*'],
  client: [],
  cli: ['client', 'top'], // main.ts, lazily, for `slipway up`
  web: ['client'],
};
/** What the domain may use: two libraries, and what is pure of Node's (biome.json says which parts of it). */
const libraries = new Set(['zod', 'yaml']);
const pureOfNode = new Set(['node:crypto', 'node:path']);
const maxBytes = 15_000;

const isTest = (file) => /(\.test|\.fixture|conformance)\.[a-z]+$|\/conformance\//.test(file);

/** 'adapters/engines' for src/adapters/engines/swarm/x.ts, 'store' for src/store/x.ts, 'top' for src/main.ts. */
function layerOf(file) {
  const [, first, second, third] = file.split('/');
  if (second === undefined) return 'top';
  return first === 'adapters' && third !== undefined ? `adapters/${second}` : first;
}

/** 'adapters/*' for 'adapters/engines'. */
const kindOf = (layer) => (layer.startsWith('adapters/') ? 'adapters/*' : layer);

/** What a file imports, each with its line; type imports count: they bind as much. */
function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    name: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** Whether code in `from` may import code of `to`. The top puts the parts together. */
function isAllowed(from, to) {
  if (from === to || to === 'domain' || from === 'top') return true;
  return mayImport[kindOf(from)]?.includes(kindOf(to)) ?? false;
}

function problemsOf(file, text, users) {
  const from = layerOf(file);
  const problems = [];
  if (text.length > maxBytes && !file.endsWith('.gen.ts'))
    problems.push(`${file}: ${text.length} bytes, more than ${maxBytes}`);
  if (from !== 'top' && !(kindOf(from) in mayImport)) problems.push(`${file}: there is no layer '${from}'`);
  for (const { name, line } of importsOf(text)) {
    const at = `${file}:${line}`;
    if (name.startsWith('.') || name.startsWith('#')) {
      const target = name.startsWith('#') ? `src/${name.slice(1)}` : posix.join(posix.dirname(file), name);
      const to = target.startsWith('src/') ? layerOf(target) : 'outside src';
      if (!isAllowed(from, to)) problems.push(`${at}: ${from} may not import ${to} (${name})`);
      else if (name.startsWith('.') && to.split('/')[0] !== from.split('/')[0])
        problems.push(`${at}: write #${target.slice(4)}, so that the direction shows`);
    } else if (from === 'domain' && !libraries.has(name) && !pureOfNode.has(name)) {
      problems.push(`${at}: domain may not import ${name}: only zod and yaml`);
    } else if (!name.startsWith('node:') && !builtinModules.includes(name) && !libraries.has(name) && from !== 'top') {
      const library = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
      const layer = from.split('/')[0];
      users.set(library, new Map(users.get(library)).set(layer, at));
    }
  }
  return problems;
}

const users = new Map();
const problems = [];
const root = join(import.meta.dirname, '..');
const files = readdirSync(join(root, 'src'), { recursive: true }).map((name) => posix.join('src', name));
for (const file of files.sort()) {
  if (/\.(tsx?|mjs)$/.test(file) && !isTest(file))
    problems.push(...problemsOf(file, readFileSync(join(root, file), 'utf8'), users));
}
for (const [library, layers] of users) {
  if (layers.size > 1)
    problems.push(
      `${library} is used in more than one layer: ${[...layers].map(([l, at]) => `${l} (${at})`).join(', ')}`,
    );
}
if (problems.length > 0) console.error(problems.join('\n'));
process.exitCode = problems.length > 0 ? 1 : 0;
