import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { eventsChannel } from './events.ts';

/**
 * Says, until `signal`, that there may be new events: the newest `seq` known. It comes at once, after every commit of
 * an event (several may be told of once), and after each reconnection, so that a reader that then asks `eventsAfter`
 * misses nothing. A connection of its own, which is made again when the database was away.
 */
export async function* listenEvents(url: string, signal: AbortSignal): AsyncIterable<number> {
  const inbox = new Inbox();
  const onAbort = () => inbox.close();
  signal.addEventListener('abort', onAbort, { once: true });
  const connection = stayConnected(url, inbox, signal);
  try {
    for (;;) {
      const seq = await inbox.take();
      if (seq === null || signal.aborted) return;
      yield seq;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    inbox.close();
    await connection;
  }
}

/** The newest number put in and not yet taken; one reader. */
class Inbox {
  #seq: number | null = null;
  #wake: (() => void) | null = null;
  #closed = false;
  readonly closed: Promise<void>;
  #finish: () => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  put(seq: number): void {
    this.#seq = Math.max(seq, this.#seq ?? 0);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#finish();
    this.#wake?.();
  }

  async take(): Promise<number | null> {
    while (this.#seq === null && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const seq = this.#seq;
    this.#seq = null;
    return this.#closed ? null : seq;
  }
}

async function stayConnected(url: string, inbox: Inbox, signal: AbortSignal): Promise<void> {
  let over = signal.aborted;
  const closed = inbox.closed.then(() => {
    over = true;
  });
  for (let pause = 50; !over; pause = Math.min(pause * 2, 2_000)) {
    const client = new pg.Client({ connectionString: url, application_name: 'slipway events', keepAlive: true });
    const broken = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    try {
      await listen(client, inbox);
      pause = 50;
      await Promise.race([broken, closed]);
    } catch {
      // The database is away: wait and connect again.
    }
    await client.end().catch(() => undefined);
    if (!over) await Promise.race([sleep(pause), closed]);
  }
}

async function listen(client: pg.Client, inbox: Inbox): Promise<void> {
  client.on('notification', (message) => inbox.put(Number(message.payload)));
  await client.connect();
  await client.query(`listen ${eventsChannel}`);
  const { rows } = await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from events');
  inbox.put(Number(rows[0]?.seq ?? 0));
}
