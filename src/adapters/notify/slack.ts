import { SlipwayError } from '#domain/errors.ts';
import type { Notice } from '#domain/events/notice.ts';
import { within } from '../within.ts';
import type { Channel } from './contract.ts';

/**
 * A Slack-compatible incoming webhook (Slack, Mattermost, Rocket.Chat): `{text, blocks}` as JSON, an answer of 2xx. The
 * notice's id goes along in the header `Idempotency-Key`, since a delivery may be repeated.
 */
export const slackChannel = (url: string): Channel => ({
  kind: 'slack',
  send: async (notice, signal) => {
    const answer = await within(signal, { ms: 10_000, late }, (limited) => post(url, notice, limited));
    if (answer.status === 404 || answer.status === 410)
      throw new SlipwayError(
        'channel.gone',
        `the webhook answered ${answer.status}: it is no longer there`,
        'set the channel again with a new URL',
      );
    if (!answer.ok)
      throw new SlipwayError('channel.unreachable', `the webhook answered ${answer.status}`, 'it is tried again');
  },
});

const late = (): SlipwayError =>
  new SlipwayError('channel.unreachable', 'the webhook did not answer within 10 s', 'it is tried again');

async function post(url: string, notice: Notice, signal: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': notice.id };
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(slackMessage(notice)),
      signal,
      redirect: 'error',
    });
    await answer.body?.cancel();
    return answer;
  } catch (thrown) {
    // the URL is a credential: it must not stand in an error
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : 'no answer';
    throw new SlipwayError('channel.unreachable', `the webhook could not be reached: ${cause}`, 'it is tried again');
  }
}

const marks = { good: ':white_check_mark:', bad: ':x:', info: ':information_source:' } as const;

/** Slack's limits: 40,000 characters of text, 3,000 in a section; `&`, `<`, `>` are escaped. */
export function slackMessage(notice: Notice): { readonly text: string; readonly blocks: readonly unknown[] } {
  const title = `${marks[notice.level]} *${escaped(notice.title)}*`;
  const body = notice.lines.map(escaped).join('\n').slice(0, 2900);
  const link = notice.link === null ? '' : `\n<${notice.link}|Details>`;
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  return {
    text: `${escaped(notice.title)}\n${body}`.slice(0, 40_000),
    blocks: [section(title), ...(body + link === '' ? [] : [section(body + link)])],
  };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
