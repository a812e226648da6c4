#!/usr/bin/env node
// Completes package-lock.json after `npm install` through a registry mirror that lacks packages of other platforms: npm
// then leaves them out of the lock without a word, and npm 11's `npm ci` refuses such a lock everywhere. Each is
// pinned by its parent and named after its platform, which is all that the lock needs to skip it elsewhere.
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { packages } = lock;

/** Where node would find `name` for the package at `path`, if the lock has it. */
function resolve(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const candidate = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (!at) return undefined;
    if (!at.includes('/node_modules/')) at = '';
  }
}

function entryOf(name, version, parent) {
  const words = name.split(/[-/]/);
  const system = systems.find((s) => words.includes(s));
  const processor = processors.find((p) => words.includes(p));
  if (!system || !processor || !/^\d/.test(version)) throw new Error(`${name}@${version}: not a platform's package`);
  const libc =
    system === 'linux' && (name.endsWith('-musl') ? ['musl'] : name.endsWith('-gnu') ? ['glibc'] : undefined);
  return {
    version,
    cpu: [processor],
    ...(parent.dev && { dev: true }),
    ...(libc && { libc }),
    optional: true,
    os: [system],
  };
}

let added = 0;
for (const [path, parent] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (path === '' || resolve(path, name)) continue;
    const folder = path.slice(0, path.lastIndexOf('node_modules/'));
    packages[`${folder}node_modules/${name}`] = entryOf(name, version, parent);
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
if (added > 0) writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);
