import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Notice } from '#domain/events/notice.ts';
import { slackChannel, slackMessage } from './slack.ts';

const notice: Notice = {
  id: 'n-1',
  title: 'shop <production> deployed',
  lines: ['web & api'],
  level: 'good',
  link: null,
};
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function receiver(
  status: number,
): Promise<{ url: string; got: { headers: IncomingMessage['headers']; body: unknown }[] }> {
  const got: { headers: IncomingMessage['headers']; body: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: JSON.parse(body) });
      response.writeHead(status).end('ok');
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

test('a notice arrives as Slack JSON, escaped, with its stable id', async () => {
  const { url, got } = await receiver(200);
  await slackChannel(url).send(notice, AbortSignal.timeout(5000));
  expect(got[0]?.headers['idempotency-key']).toBe('n-1');
  expect(got[0]?.body).toMatchObject({ text: 'shop &lt;production&gt; deployed\nweb &amp; api' });
});

test('a webhook that is gone is given up, one that fails is tried again, and neither error holds the URL', async () => {
  for (const [status, code] of [
    [410, 'channel.gone'],
    [500, 'channel.unreachable'],
  ] as const) {
    const { url } = await receiver(status);
    const error = await slackChannel(url)
      .send(notice, AbortSignal.timeout(5000))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(url);
  }
});

test('a very long body is cut to what Slack takes', () => {
  const message = slackMessage({ ...notice, lines: ['x'.repeat(50_000)] });
  expect(message.text.length).toBeLessThanOrEqual(40_000);
  expect(JSON.stringify(message.blocks).length).toBeLessThan(3500);
});
