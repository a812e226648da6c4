import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from './database.ts';
import { appendEvent, eventsAfter, lastEventSeq } from './events.ts';
import { listenEvents } from './listen.ts';
import { keyOf } from './sealing.ts';
import { startTestStore, type TestStore } from './test-store.ts';

const key = keyOf(Buffer.alloc(32, 7));
let at: TestStore;
let store: Store;
beforeAll(async () => {
  at = await startTestStore(key);
  store = at.store;
});
afterAll(() => at.stop());

const push = (ref: string, project = 'shop') =>
  ({
    type: 'push.received',
    source: '/git',
    subject: ref,
    project,
    deployment: null,
    data: { project, ref, before: null, commit: 'c0ffee', by: 'test' },
  }) as const;

test('four servers that start at once bring an empty database up to date together', async () => {
  const url = await at.emptyDatabase();
  const stores = await Promise.all([1, 2, 3, 4].map(() => openStore({ url, key })));
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(store.db);
  const here = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    (stores[0] ?? store).db,
  );
  expect(here.rows).toEqual(rows);
  expect(rows[0]?.name).toBe('0001-first');
  for (const each of stores) await each.close();
});

test('a database written by a newer Slipway is refused', async () => {
  const url = await at.emptyDatabase();
  const newer = await openStore({ url, key });
  await sql`insert into kysely_migration values ('9999-future', now()::text)`.execute(newer.db);
  await newer.close();
  await expect(openStore({ url, key })).rejects.toMatchObject({ code: 'data.damaged' });
});

test('a store opened with another key is refused before anything is written', async () => {
  await expect(openStore({ url: store.url, key: keyOf(Buffer.alloc(32, 8)) })).rejects.toMatchObject({
    code: 'secret.wrong_key',
  });
});

test('a database that is not there is an error that names it, within the time given', async () => {
  const url = 'postgresql://slipway:x@127.0.0.1:1/slipway';
  await expect(openStore({ url, key, waitMs: 300 })).rejects.toMatchObject({ code: 'store.unavailable' });
});

test('times are read as ms since the epoch and identities as numbers', async () => {
  const event = await store.transaction((tx) => appendEvent(tx, push('refs/heads/types')));
  expect(Math.abs((event?.time ?? 0) - Date.now())).toBeLessThan(5_000);
  expect(event?.seq).toBe(await lastEventSeq(store.db));
});

test('a reader that follows the sequence misses no event of writers that commit in any order', async () => {
  const url = await at.emptyDatabase();
  const own = await openStore({ url, key });
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let n = 0; n < 15; n += 1)
      await own.transaction(async (tx) => {
        await appendEvent(tx, push(`${writer}-${n}`));
        await sql`select pg_sleep(${Math.random() * 0.004})`.execute(tx);
      });
  });
  let done = false;
  const all = Promise.all(writers).then(() => {
    done = true;
  });
  const seen: string[] = [];
  for (let seq = 0, last = false; !last; ) {
    last = done;
    const events = await eventsAfter(own.db, seq);
    seen.push(...events.map((event) => event.subject));
    seq = events.at(-1)?.seq ?? seq;
    if (events.length > 0) last = false;
  }
  await all;
  expect(new Set(seen).size).toBe(120);
  expect(seen).toHaveLength(120);
  await own.close();
});

test('an event with an id that is there already is left out', async () => {
  const id = '7b0b8a2e-7a52-4f0b-9e0a-6f6d1f6f0001';
  const first = await store.transaction((tx) => appendEvent(tx, push('one'), id));
  expect(first?.id).toBe(id);
  expect(await store.transaction((tx) => appendEvent(tx, push('two'), id))).toBeNull();
});

test('an event of a transaction that fails is neither kept nor told of', async () => {
  const before = await lastEventSeq(store.db);
  await expect(
    store.transaction(async (tx) => {
      await appendEvent(tx, push('gone'));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await eventsAfter(store.db, before)).toEqual([]);
});

test('events are found by project, deployment, subject and type', async () => {
  const before = await lastEventSeq(store.db);
  await store.transaction(async (tx) => {
    await appendEvent(tx, push('a', 'p1'));
    await appendEvent(tx, push('b', 'p2'));
    await appendEvent(tx, {
      type: 'engine.unreachable',
      source: '/clusters/eu',
      subject: 'eu',
      project: 'p1',
      deployment: 77,
      data: { cluster: 'eu', reason: 'refused' },
    });
  });
  const found = async (filter: Parameters<typeof eventsAfter>[2]) =>
    (await eventsAfter(store.db, before, filter)).map((event) => event.subject);
  expect(await found({ project: 'p1' })).toEqual(['a', 'eu']);
  expect(await found({ deployment: 77 })).toEqual(['eu']);
  expect(await found({ subject: 'b' })).toEqual(['b']);
  expect(await found({ types: ['push.received'] })).toEqual(['a', 'b']);
});

test('a listener hears at once where things stand, then of each commit, also after its connection was cut', async () => {
  const stop = new AbortController();
  const heard: number[] = [];
  const listening = (async () => {
    for await (const seq of listenEvents(store.url, stop.signal)) heard.push(seq);
  })();
  const hears = async (seq: number) => {
    const until = Date.now() + 10_000;
    while (!heard.includes(seq)) {
      if (Date.now() > until) throw new Error(`never heard of ${seq}, but of ${heard.join(', ')}`);
      await sleep(10);
    }
  };
  await hears(await lastEventSeq(store.db));
  const first = await store.transaction((tx) => appendEvent(tx, push('heard')));
  await hears(first?.seq ?? -1);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slipway events'`.execute(
    store.db,
  );
  const second = await store.transaction((tx) => appendEvent(tx, push('heard again')));
  await hears(second?.seq ?? -1);
  stop.abort();
  await listening;
});

test('a connection that breaks between two queries of a transaction fails that try only', async () => {
  let tries = 0;
  await store.transaction(async (tx) => {
    tries += 1;
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    if (tries > 1) return;
    await sql`select pg_terminate_backend(${rows[0]?.pid}::int)`.execute(store.db);
    // Long enough for the end of the connection to arrive while nothing is asked on it.
    await sleep(100);
    await sql`select 1`.execute(tx);
  });
  expect(tries).toBe(2);
});

test('work goes on by itself over a database that is killed and comes back', async () => {
  const before = await lastEventSeq(store.db);
  const old = at.server.pid;
  const work = (async () => {
    for (let n = 0; n < 40; n += 1) {
      const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
      await store.transaction((tx) => appendEvent(tx, push(`kill-${n}`), id));
      if (n === 10) process.kill(old, 'SIGKILL');
    }
  })();
  await work;
  const events = await eventsAfter(store.db, before, {}, 1_000);
  expect(events.map((event) => event.subject)).toEqual(Array.from({ length: 40 }, (_, n) => `kill-${n}`));
  expect(at.server.pid).not.toBe(old);
});
