import { matchesRule, noticeOf } from '#domain/events/notice.ts';
import type { RecordedEvent } from '#domain/events/types.ts';
import { enqueueNotice } from '#store/outbox.ts';
import type { Tx } from '#store/tables.ts';
import type { Context } from './context.ts';
import type { NotifyRule } from './draft.ts';

/** Puts a notice of an event out for every channel that a rule names, in the event's own transaction. `null`: there is no event. */
export async function notify(
  tx: Tx,
  context: Context,
  rules: readonly NotifyRule[],
  event: RecordedEvent | null,
  services: readonly string[] = [],
): Promise<void> {
  if (event === null) return;
  const channels = new Set(rules.filter((rule) => matchesRule(rule.on, event.type)).map((rule) => rule.to));
  const notice = noticeOf(event, services, context.publicUrl);
  for (const channel of channels) await enqueueNotice(tx, channel, notice, event.seq);
}
