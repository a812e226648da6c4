import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installSample, removeSample, type Sample, startSample } from './plain-processes.ts';

interface Report {
  readonly tests: { readonly passed: number; readonly failed: number };
  readonly coverage: number;
}

const OWN = ['web', 'api', 'messaging', 'discovery', 'worker'];
/** A busy machine takes its time. */
const SOON = { timeout: 20_000 };
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const folder = await installSample();
if (!folder) console.warn('left out: the sample needs redis-server or valkey-server, and none could be had');

describe.skipIf(!folder)('the marketplace, as plain processes', () => {
  let sample: Sample;
  const at = (service: string) => `http://${sample.address[service]}`;

  beforeAll(async () => {
    sample = await startSample(folder ?? '', COMMIT);
  });
  afterAll(() => removeSample(folder ?? ''));

  test.each(OWN)('%s names the commit it was built from', async (service) => {
    expect(await json(`${at(service)}/info`)).toMatchObject({
      status: 'success',
      result: { commitHash: COMMIT, client: `marketplace-${service}`, ClientVersion: '1.0.0' },
    });
  });

  test('all test themselves at the same time, and all pass', async () => {
    const reports = await Promise.all(OWN.map((service) => json<Report>(`${at(service)}/test`)));
    for (const [index, report] of reports.entries()) {
      expect(report, OWN[index]).toMatchObject({ tests: { failed: 0, skipped: 0 } });
      expect(report.tests.passed, OWN[index]).toBeGreaterThanOrEqual(5);
      expect(report.coverage, OWN[index]).toBeGreaterThan(50);
    }
  });

  test('an offer placed on the page is found, discussed live and bought', async () => {
    const form = {
      title: 'Brass telescope',
      description: 'Sees far',
      category: 'cameras',
      seller: 'Ada',
      place: 'Pisa',
      price: '77',
      days: '7',
    };
    const placed = await fetch(`${at('web')}/sell`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
    expect(placed.status).toBe(303);
    const path = placed.headers.get('location') ?? '';
    await expect.poll(async () => (await fetch(`${at('web')}/?q=telescope`)).text(), SOON).toContain(`href="${path}"`);

    const id = path.split('/')[2] ?? '';
    const ann = await visit(id, 'Ann');
    const ben = await visit(id, 'Ben');
    ann.send(JSON.stringify({ text: 'Does it fold?' }));
    await expect
      .poll(() => ben.heard, SOON)
      .toContainEqual(expect.objectContaining({ type: 'message', name: 'Ann', text: 'Does it fold?' }));
    for (const one of [ann, ben]) one.close();

    await fetch(`${at('web')}${path}/buy`, { method: 'POST' });
    expect(await (await fetch(`${at('web')}${path}`)).text()).toContain('This offer is sold');
    await expect
      .poll(async () => (await fetch(`${at('web')}/?q=telescope`)).text(), SOON)
      .not.toContain(`href="${path}"`);
  });

  test('a visitor of the list is told of a new offer, by way of queue, worker and channel', async () => {
    const feed = await visit('feed', 'Ann');
    const body = {
      title: 'Atlas',
      description: 'Old',
      category: 'books',
      seller: 'Ada',
      place: 'Pisa',
      priceCents: 900,
      days: 1,
    };
    const { id } = await json<{ id: string }>(`${at('api')}/offers`, { method: 'POST', body: JSON.stringify(body) });
    await expect.poll(() => feed.heard, SOON).toContainEqual({ type: 'offer.created', id });
    feed.close();
  });

  test('what is said at one instance of messaging is heard at another', async () => {
    const second = await sample.startAnother('messaging');
    const ann = await visit('77', 'Ann');
    const ben = await visit('77', 'Ben', second);
    ann.send(JSON.stringify({ text: 'Hello over there' }));
    await expect.poll(() => ben.heard, SOON).toContainEqual(expect.objectContaining({ text: 'Hello over there' }));
    for (const one of [ann, ben]) one.close();
    const reports = await Promise.all(
      [sample.address.messaging, second].map((one) => json<Report>(`http://${one}/test`)),
    );
    expect(reports.map(({ tests }) => tests.failed)).toEqual([0, 0]);
  });

  test('a database server left behind by a killed process is taken over, with all its data', async () => {
    const before = await json<{ offers: unknown[] }>(`${at('api')}/offers`);
    await sample.kill('db');
    await sample.start('db');
    await expect
      .poll(() => readFileSync(join(sample.folder, 'db.log'), 'utf8'), SOON)
      .toMatch(/that was left running[\s\S]*ready to accept/);
    await expect.poll(() => json(`${at('api')}/offers`), SOON).toEqual(before);
  });

  test('a request under way is answered although the service is asked to stop', async () => {
    const asked = request(`${at('api')}/offers`, { method: 'POST', headers: { expect: '100-continue' } });
    asked.flushHeaders();
    await once(asked, 'continue');
    const stopped = sample.stopOne('api');
    asked.end('{}');
    const [answer] = await once(asked, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(422);
    await stopped;
    await sample.start('api');
  });

  test('without the cache the services stay up, their reports fail, and they still end cleanly', async () => {
    await sample.stopOne('cache');
    const answer = await fetch(`${at('api')}/test`);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Report).tests.failed).toBeGreaterThan(0);
    expect((await fetch(`${at('api')}/healthz`)).status).toBe(200);
    expect(await sample.stop()).toMatchObject({
      web: 0,
      api: 0,
      messaging: 0,
      discovery: 0,
      worker: 0,
      db: 0,
      cache: 0,
    });
  });

  async function visit(offer: string, name: string, instance = sample.address.web) {
    const { WebSocket } = await import(
      pathToFileURL(join(sample.folder, 'services/messaging/node_modules/ws/wrapper.mjs')).href
    );
    const socket = new WebSocket(`ws://${instance}/ws?offer=${offer}&name=${name}`);
    const heard: unknown[] = [];
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
    await once(socket, 'message');
    return { heard, send: (text: string) => socket.send(text), close: () => socket.close() };
  }
});

test.each(['service.js', 'selftest.js'])(
  '%s is the same in every service: each is built from its own folder alone',
  (file) => {
    const texts = OWN.map((service) =>
      readFileSync(join(import.meta.dirname, '../../samples/marketplace/services', service, file), 'utf8'),
    );
    expect(new Set(texts).size).toBe(1);
  },
);

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  return (await (await fetch(url, init)).json()) as T;
}
