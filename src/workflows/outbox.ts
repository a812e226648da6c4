import { errorTable, messageOf, SlipwayError } from '#domain/errors.ts';
import { findChannel } from '#store/channels.ts';
import { claimNotices, nextNoticeAt, noticeDelivered, noticeFailed, type Outgoing } from '#store/outbox.ts';
import type { Context } from './context.ts';

/**
 * Sends what stands in the outbox until `signal`: at least once each, with the event's id. A channel that is down is tried
 * again with growing pauses up to an hour, for three days; one that is gone is given up. It delays nothing else.
 */
export async function sendNotices(context: Context, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const due = await context.store.read((db) => claimNotices(db));
      await Promise.all(due.map((item) => send(context, item, signal)));
      if (due.length === 0) await pause(await waitMs(context), signal);
    } catch (thrown) {
      context.log(`notices: ${messageOf(thrown)}`);
      await pause(5000, signal);
    }
  }
}

const idleMs = 1000;

async function waitMs(context: Context): Promise<number> {
  const at = await context.store.read((db) => nextNoticeAt(db));
  return at === null ? idleMs : Math.min(idleMs, Math.max(10, at - Date.now()));
}

async function send(context: Context, item: Outgoing, signal: AbortSignal): Promise<void> {
  const { store } = context;
  try {
    const channel = await store.read((db) => findChannel(db, store.key, item.channel));
    if (!channel)
      throw new SlipwayError(
        'channel.gone',
        `there is no channel '${item.channel}'`,
        'make it with `slipway channel add`',
      );
    await context.channel(channel.kind, channel.url.reveal()).send(item.notice, signal);
    await store.transaction((tx) => noticeDelivered(tx, item.id));
  } catch (thrown) {
    if (signal.aborted) return;
    await store.transaction((tx) => noticeFailed(tx, item, messageOf(thrown), nextTry(item, thrown)));
  }
}

const giveUpAfter = 80;

function nextTry(item: Outgoing, thrown: unknown): number | null {
  const final = thrown instanceof SlipwayError && errorTable[thrown.code].kind === 'person';
  if (final || item.attempts >= giveUpAfter) return null;
  return Date.now() + Math.min(3_600_000, 1000 * 2 ** Math.min(item.attempts, 12));
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
