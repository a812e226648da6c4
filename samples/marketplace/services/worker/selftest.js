// The same file lies in every service's folder: each is built alone, from its own folder only.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ name: string, ok: boolean, message?: string }} Case
 * @typedef {{ tests: { passed: number, failed: number, skipped: number }, coverage: number, cases: Case[] }} Report
 */

const CASE_MS = 10_000;
const here = new URL('.', import.meta.url).href;
/** Files that are not the service itself. */
const NOT_COUNTED = new Set(['selftest.js', 'cases.js']);

/** @type {Promise<Report> | undefined} */
let running;

/**
 * Runs the cases in the live process, one after another, and measures which lines of the service they reach, in
 * percent. Whoever asks while it runs gets the same report.
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
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    /** @type {Case[]} */
    const done = [];
    for (const [name, run] of Object.entries(cases)) done.push(await runCase(name, run));
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const passed = done.filter((one) => one.ok).length;
    return { tests: { passed, failed: done.length - passed, skipped: 0 }, coverage: covered(result), cases: done };
  } finally {
    session.disconnect();
  }
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

/** @param {import('node:inspector').Profiler.ScriptCoverage[]} scripts */
function covered(scripts) {
  let reached = 0;
  let lines = 0;
  for (const { url, functions } of scripts) {
    const file = url.startsWith(here) ? url.slice(here.length) : '';
    if (!file.endsWith('.js') || file.includes('/') || NOT_COUNTED.has(file)) continue;
    for (const hit of linesReached(readFileSync(fileURLToPath(url), 'utf8'), functions)) {
      lines += 1;
      if (hit) reached += 1;
    }
  }
  return lines === 0 ? 0 : Math.round((1_000 * reached) / lines) / 10;
}

/** For each line of code: was its beginning executed? The module's own top level ran before anyone could count.
 * @param {string} source @param {import('node:inspector').Profiler.FunctionCoverage[]} functions */
function linesReached(source, functions) {
  const counts = new Uint8Array(source.length).fill(1);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      if (startOffset > 0) counts.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
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
