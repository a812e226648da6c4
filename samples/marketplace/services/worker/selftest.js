// The same file lies in every service's folder: each is built alone, from its own folder only.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ name: string, ok: boolean, message?: string }} Case
 * @typedef {{ tests: { passed: number, failed: number, skipped: number }, coverage: number, cases: Case[] }} Report
 */

const CASE_MS = 10_000;
const here = new URL('.', import.meta.url).href;
/** Files that are not the service itself. */
const NOT_COUNTED = new Set(['selftest.js', 'cases.js']);

/** Counts what runs from here on: main.js imports this file before all others of the service. */
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/** Of each file, which lines of code have run so far. @type {Map<string, boolean[]>} */
const reached = new Map();

/** @type {Promise<Report> | undefined} */
let running;

/**
 * Runs the cases in the live process, one after another, and says which part of the service's lines has run since it
 * started, in percent. Whoever asks while it runs gets the same report.
 * @param {Record<string, () => Promise<void>>} cases
 */
export function selfTest(cases) {
  running ??= report(cases).finally(() => {
    running = undefined;
  });
  return running;
}

/** @param {Record<string, () => Promise<void>>} cases @returns {Promise<Report>} */
async function report(cases) {
  /** @type {Case[]} */
  const done = [];
  for (const [name, run] of Object.entries(cases)) done.push(await runCase(name, run));
  const passed = done.filter((one) => one.ok).length;
  return { tests: { passed, failed: done.length - passed, skipped: 0 }, coverage: await covered(), cases: done };
}

/** @param {string} name @param {() => Promise<void>} run @returns {Promise<Case>} */
async function runCase(name, run) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${CASE_MS} ms`)), CASE_MS);
  });
  try {
    await Promise.race([run(), tooLate]);
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Each look starts the engine's counters anew, so what was reached before is remembered here. */
async function covered() {
  for (const { url, functions } of await counters()) {
    const file = url.startsWith(here) ? url.slice(here.length) : '';
    if (!file.endsWith('.js') || file.includes('/') || NOT_COUNTED.has(file)) continue;
    const before = reached.get(file) ?? [];
    reached.set(file, linesRun(readFileSync(fileURLToPath(url), 'utf8'), functions).map((hit, i) => hit || before[i] === true));
  }
  const lines = [...reached.values()].flat();
  return lines.length === 0 ? 0 : Math.round((1_000 * lines.filter(Boolean).length) / lines.length) / 10;
}

/** @returns {Promise<import('node:inspector').Profiler.ScriptCoverage[]>} */
const counters = () =>
  new Promise((resolve, reject) => {
    session.post('Profiler.takePreciseCoverage', (error, { result }) => (error ? reject(error) : resolve(result)));
  });

/** For each line of code: did its beginning run? Inner ranges come after outer ones.
 * @param {string} source @param {import('node:inspector').Profiler.FunctionCoverage[]} functions */
function linesRun(source, functions) {
  const counts = new Uint8Array(source.length);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) counts.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  const code = source.matchAll(/^[ \t]*(?!\/\/|\/?\*)(\S).*$/gm);
  return Array.from(code, (line) => counts[line.index + line[0].indexOf(line[1] ?? '')] === 1);
}

/** @param {unknown} claim @param {string} message @returns {asserts claim} */
export function expect(claim, message) {
  if (!claim) throw new Error(message);
}

/** Asks until the answer is right. @template T @param {string} what @param {() => Promise<T | undefined | false>} ask */
export async function eventually(what, ask) {
  const deadline = Date.now() + CASE_MS - 1_000;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: still not so`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
