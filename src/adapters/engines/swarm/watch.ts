import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { jsonIn } from '#domain/json.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { EngineApi } from './api.ts';
import { label } from './names.ts';
import { pause } from './timeouts.ts';

/**
 * An event comes when a container starts, the manager's state of its task a while later: so a tick at once, and three
 * more. Measured: of 5 services started at once each within 130 ms, of 20 nine in ten within 560 ms and the last after 1280.
 */
const withEchoes = [0, 150, 350, 700];
/** What the manager itself has recorded is as it says. More looks would only keep it from what is awaited. */
const once = [0];
/** Some changes have no event: a task that no node fits, one that is rejected, and everything on other nodes. */
const steadyMs = 1000;
const reconnectMs = 500;

const event = z.looseObject({
  Type: z.string(),
  Action: z.string(),
  Actor: z.looseObject({ Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** A tick at once, then one whenever something of the stack may have changed, until the signal; ends without an error. */
export async function* watchStack(api: EngineApi, stack: StackName, signal: AbortSignal): AsyncGenerator<void> {
  const bell = new Bell(signal);
  const following = followEvents(api, stack, bell, signal);
  try {
    for (;;) {
      yield;
      if (signal.aborted || !(await bell.wait(steadyMs))) return;
    }
  } finally {
    bell.close();
    await following;
  }
}

/** Rings that come while nobody waits are one ring. */
class Bell {
  readonly #signal: AbortSignal;
  readonly #own = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  #rung = false;
  #wake: (() => void) | undefined;
  readonly #abort = (): void => this.close();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Ends with the watch: when the reader stops, too. */
  get ended(): AbortSignal {
    return this.#own.signal;
  }

  ring(afterMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#rung = true;
      this.#wake?.();
    }, afterMs);
    this.#timers.add(timer);
  }

  /** `false` once the watch is over. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#rung && !this.#own.signal.aborted)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#wake = undefined;
    this.#rung = false;
    return !this.#own.signal.aborted;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#own.abort();
    this.#wake?.();
  }
}

/** Keeps the event stream open. While it is not, the steady ticks go on. */
async function followEvents(api: EngineApi, stack: StackName, bell: Bell, signal: AbortSignal): Promise<void> {
  while (!bell.ended.aborted && !signal.aborted) {
    try {
      const filters = { type: { container: true, service: true, node: true } };
      const stream = await api.stream({ path: '/events', query: { filters } }, bell.ended);
      await readEvents(stream, stack, bell);
    } catch {
      // the engine is away, or the watch is over: the loop looks which
    }
    await pause(reconnectMs, bell.ended).catch(() => undefined);
  }
}

async function readEvents(stream: IncomingMessage, stack: StackName, bell: Bell): Promise<void> {
  let held = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (held + chunk).split('\n');
    held = lines.pop() ?? '';
    for (const ms of new Set(lines.flatMap((line) => looksAfter(line, stack)))) bell.ring(ms);
  }
}

/**
 * How long after an event to look, in ms, each time; never where it is not of the stack. Service events bear only the service's name,
 * those of containers their labels.
 */
export function looksAfter(line: string, stack: StackName): readonly number[] {
  const parsed = event.safeParse(jsonIn(line));
  if (!parsed.success) return [];
  const { Type, Action, Actor } = parsed.data;
  const attributes = Actor.Attributes ?? {};
  if (Type === 'node') return once;
  if (Type === 'service') return (attributes.name ?? '').startsWith(`${stack}_`) ? once : [];
  // a health check's own runs are many, and say nothing yet
  if (attributes[label.stack] !== stack || Action.startsWith('exec_')) return [];
  return Action === 'create' ? once : withEchoes;
}
