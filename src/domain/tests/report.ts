import { z } from 'zod';
import { jsonIn } from '../json.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestCase {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string | null;
}

export interface ServiceReport {
  readonly service: string;
  readonly verdict: 'passed' | 'failed';
  /** Why it failed; `null` when it passed. */
  readonly reason: string | null;
  readonly tests: TestCounts;
  /** Lines covered, in percent; `null`: not said. */
  readonly coverage: number | null;
  readonly cases: readonly TestCase[];
}

export interface TestReport {
  readonly verdict: 'passed' | 'failed';
  /** One line for each service that failed. */
  readonly reasons: readonly string[];
  readonly totals: TestCounts;
  /** Mean of the services that say theirs, in percent. */
  readonly coverage: number | null;
  readonly services: readonly ServiceReport[];
}

/** The answer of GET /test, or why there is none. */
export type TestAnswer = { readonly body: string } | { readonly failure: string };

const count = z.int().min(0).default(0);
const format = z.object({
  tests: z.object({ passed: count, failed: count, skipped: count }),
  coverage: z.number().min(0).max(100).nullish(),
  cases: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string().nullish() })).nullish(),
});
const none: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Judges one service's answer: `{tests: {passed, failed, skipped}, coverage, cases}`. The report is judged, never the
 * status: no answer, an answer of another form, and a report in which no test ran are failures. Source: requirement 3.2.
 */
export function readReport(service: string, answer: TestAnswer): ServiceReport {
  const nothing = { service, verdict: 'failed', tests: none, coverage: null, cases: [] } as const;
  if ('failure' in answer) return { ...nothing, reason: answer.failure };
  const read = format.safeParse(jsonIn(answer.body));
  if (!read.success) return { ...nothing, reason: `its answer is no test report: ${excerpt(answer.body)}` };
  const { tests, coverage, cases } = read.data;
  const said = (cases ?? []).map(({ name, ok, message }) => ({ name, ok, message: message ?? null }));
  const reason = failureOf(tests, said);
  return {
    service,
    verdict: reason === null ? 'passed' : 'failed',
    reason,
    tests,
    coverage: coverage ?? null,
    cases: said,
  };
}

function failureOf(tests: TestCounts, cases: readonly TestCase[]): string | null {
  const failed = cases.filter((one) => !one.ok);
  if (tests.failed > 0 || failed.length > 0) {
    const shown = failed.slice(0, 5).map((one) => (one.message === null ? one.name : `${one.name} (${one.message})`));
    const names = shown.length === 0 ? '' : `: ${shown.join(', ')}${failed.length > 5 ? ', ...' : ''}`;
    return `${Math.max(tests.failed, failed.length)} of ${tests.passed + Math.max(tests.failed, failed.length)} tests failed${names}`;
  }
  if (tests.passed > 0) return null;
  return tests.skipped > 0 ? `no test ran: all ${tests.skipped} were skipped` : 'it ran no test';
}

/** All services' results as one. None at all is a failure. Source: requirements 3.2, 3.3. */
export function mergeReports(reports: readonly ServiceReport[]): TestReport {
  const services = [...reports].sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : 0));
  const sum = (key: keyof TestCounts): number => services.reduce((total, one) => total + one.tests[key], 0);
  const covered = services.flatMap((one) => (one.coverage === null ? [] : [one.coverage]));
  const failed = services.filter((one) => one.verdict === 'failed');
  const reasons = failed.map((one) => `${one.service}: ${one.reason ?? 'failed'}`);
  return {
    verdict: failed.length === 0 && services.length > 0 ? 'passed' : 'failed',
    reasons: services.length === 0 ? ['no service gave a test result'] : reasons,
    totals: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
    coverage: covered.length === 0 ? null : Math.round((covered.reduce((a, b) => a + b) / covered.length) * 10) / 10,
    services,
  };
}

const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? 'it is empty' : line.length > 120 ? `${line.slice(0, 120)}...` : line;
};
