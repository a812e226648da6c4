import { DBOS } from '@dbos-inc/dbos-sdk';
import { within } from '#adapters/within.ts';
import { SlipwayError } from '#domain/errors.ts';
import { failpoint } from './failpoint.ts';
import { failureOf, mayPass, type Outcome } from './outcome.ts';
import { closeQueue, openQueue } from './queue.ts';

export interface RuntimeOptions {
  readonly databaseUrl: string;
  readonly log: (line: string) => void;
}

/**
 * Starts the durable workflows. All of them must have been registered before; those that a killed server left running go
 * on at once. The application version is constant: the library's default is a hash of the code, and an upgrade would
 * strand what is running.
 */
export async function startRuntime(options: RuntimeOptions): Promise<void> {
  DBOS.setConfig({
    name: 'slipway',
    systemDatabaseUrl: withIdleLimit(options.databaseUrl),
    systemDatabaseSchemaName: 'dbos',
    applicationVersion: 'slipway-1',
    executorID: 'local',
    enableOTLP: false,
    logger: quiet(options.log),
  });
  await DBOS.launch();
  await openQueue();
}

/** Said in the URL, since the library would say it by a query on each new connection, in a way that pg warns of. */
function withIdleLimit(url: string): string {
  const limited = new URL(url);
  if (!limited.searchParams.has('options'))
    limited.searchParams.set('options', '-c idle_in_transaction_session_timeout=60000');
  return limited.href;
}

/** Ends the process’s part in all workflows at once; the next start goes on with them. */
export async function stopRuntime(): Promise<void> {
  closeQueue();
  await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 0 });
}

function quiet(log: (line: string) => void) {
  const nothing = (): void => {};
  const line = (entry: unknown): void => log(entry instanceof Error ? (entry.stack ?? entry.message) : String(entry));
  return { debug: nothing, info: nothing, warn: line, error: line };
}

export interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** One attempt's limit. Default 2 minutes. */
  readonly timeoutMs?: number;
  /** Tries of what may pass by itself, with back-off from 0.2 s: 10 hold out for about 100 s. */
  readonly attempts?: number;
}

/**
 * One checkpointed act: after a crash it is not run again once its result is recorded, but it may run twice before, so
 * `run` looks before it acts. What may pass by itself is tried again; every other failure is a value.
 */
export async function step<T>(
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
  options: StepOptions = {},
): Promise<Outcome<T>> {
  const { timeoutMs = 120_000, attempts = 10 } = options;
  const attempt = async (): Promise<Outcome<T>> => {
    failpoint(`${name}:before`);
    const outcome = await settle(name, run, options.signal, timeoutMs);
    failpoint(`${name}:after`);
    return outcome;
  };
  const retry = {
    retriesAllowed: true,
    maxAttempts: attempts,
    intervalSeconds: 0.2,
    backoffRate: 2,
    shouldRetry: mayPass,
  };
  try {
    return await DBOS.runStep(attempt, { name, ...retry });
  } catch (thrown) {
    return { ok: false, failure: failureOf(lastOf(thrown)) };
  }
}

/** What was told to end may put down what it holds, for so long; then the step ends without it. */
const graceMs = 30_000;

async function settle<T>(
  name: string,
  run: (signal: AbortSignal) => Promise<T>,
  // one of its own: what many steps listen to at once, Node takes for a leak and says so in the server's log
  signal: AbortSignal = new AbortController().signal,
  timeoutMs: number,
): Promise<Outcome<T>> {
  let isLate = false;
  const late = (): SlipwayError => {
    isLate = true;
    return new SlipwayError('internal', `step '${name}' did not end within ${timeoutMs / 1000} s`);
  };
  try {
    return { ok: true, value: await within(signal, { ms: timeoutMs, graceMs, late }, run) };
  } catch (thrown) {
    // whatever words an adapter ended with: what was told to end did not fail
    if (signal.aborted && signal.reason instanceof SlipwayError)
      return { ok: false, failure: failureOf(signal.reason) };
    if (mayPass(thrown) && !isLate && !signal.aborted) throw thrown;
    return { ok: false, failure: failureOf(thrown) };
  }
}

/** The library wraps the last of several failed tries. */
function lastOf(thrown: unknown): unknown {
  const errors = thrown instanceof Error && 'errors' in thrown ? thrown.errors : undefined;
  return Array.isArray(errors) && errors.length > 0 ? errors.at(-1) : thrown;
}
