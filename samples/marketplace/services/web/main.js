import './selftest.js';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { cases } from './cases.js';
import { homePage, notFoundPage, offerPage, sellPage } from './pages.js';
import { Refused, run, setting } from './service.js';

const api = setting('API_URL', 'http://api:3000');
const discovery = setting('DISCOVERY_URL', 'http://discovery:3000');
const messaging = setting('MESSAGING_URL', 'http://messaging:3000');
const ASK_MS = 5_000;

const style = asset('style.css', 'text/css');
const live = asset('live.js', 'text/javascript');
const assets = { style: style.href, live: live.href };
const SAFE = {
  'content-security-policy': "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
};

await run({
  /** The pages need the api; without search, messages or figures they say so and go on. */
  async start() {
    await ask(`${api}/healthz`);
  },
  async stop() {},
  routes: [
    ['GET', /^\/$/, home],
    ['GET', /^\/offers\/(\d{1,15})$/, ({ params: [id] }) => offer(id)],
    ['POST', /^\/offers\/(\d{1,15})\/buy$/, buy],
    ['GET', /^\/sell$/, ({ url }) => page(sellPage({ assets, values: {}, wrong: {}, category: url.searchParams.get('category') ?? '' }))],
    ['POST', /^\/sell$/, sell],
    style.route,
    live.route,
    ['GET', /./, () => page(notFoundPage({ assets }), 404)],
  ],
  upgrade: passOn,
  cases: cases({ api }),
});

/** @param {import('./service.js').Call} call */
async function home({ url }) {
  const q = url.searchParams.get('q')?.trim() ?? '';
  const category = url.searchParams.get('category') ?? '';
  const query = new URLSearchParams({ q, category });
  const [{ categories }, found] = await Promise.all([
    ask(`${api}/categories`),
    q ? ask(`${discovery}/search?${query}`).catch(() => ({ offers: [], away: true })) : ask(`${api}/offers?${query}`),
  ]);
  return page(homePage({ assets, q, category, categories, offers: found.offers, searchAway: found.away === true }));
}

/** @param {string} id @param {string} [notice] */
async function offer(id, notice) {
  const answer = await fetch(`${api}/offers/${id}`, { signal: AbortSignal.timeout(ASK_MS) });
  if (answer.status === 404) return page(notFoundPage({ assets }), 404);
  if (!answer.ok) throw new Error(`the api answered ${answer.status}`);
  const [it, { categories }] = await Promise.all([answer.json(), ask(`${api}/categories`).catch(() => ({ categories: [] }))]);
  return page(offerPage({ assets, offer: it, category: categories.find((/** @type {any} */ one) => one.name === it.category), notice }));
}

/** @param {import('./service.js').Call} call @returns {Promise<import('./service.js').Answer>} */
async function buy({ params: [id] }) {
  const answer = await fetch(`${api}/offers/${id}/buy`, { method: 'POST', signal: AbortSignal.timeout(ASK_MS) });
  if (answer.status === 409) return offer(id, 'Somebody was faster: this offer is gone.');
  if (!answer.ok) throw new Refused(answer.status, 'this offer cannot be bought');
  return { status: 303, headers: { location: `/offers/${id}` }, text: '' };
}

/** @param {import('./service.js').Call} call @returns {Promise<import('./service.js').Answer>} */
async function sell({ form }) {
  const values = await form();
  const priceCents = Math.round(Number((values.price ?? '').replace(',', '.')) * 100);
  const body = JSON.stringify({ ...values, priceCents, days: Number(values.days) });
  const answer = await fetch(`${api}/offers`, { method: 'POST', body, signal: AbortSignal.timeout(ASK_MS) });
  const result = await answer.json();
  if (answer.status === 422) return page(sellPage({ assets, values, wrong: result.fields, category: values.category ?? '' }), 422);
  if (!answer.ok) throw new Error(`the api answered ${answer.status}`);
  return { status: 303, headers: { location: `/offers/${result.id}` }, text: '' };
}

/** Browsers reach the messages through this service, which alone is published.
 * @param {import('node:http').IncomingMessage} request @param {import('node:stream').Duplex} socket @param {Buffer} head */
function passOn(request, socket, head) {
  const { pathname, search } = new URL(request.url ?? '/', messaging);
  const onward = httpRequest(new URL(`${pathname}${search}`, messaging), { headers: request.headers });
  onward.on('upgrade', (answer, other, first) => {
    const lines = Object.entries(answer.headers).map(([key, value]) => `${key}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(first);
    other.write(head);
    other.on('error', () => socket.destroy());
    socket.on('close', () => other.destroy());
    other.pipe(socket).pipe(other);
  });
  onward.on('response', ({ statusCode }) => socket.end(`HTTP/1.1 ${statusCode} Refused\r\nConnection: close\r\n\r\n`));
  onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n'));
  onward.end();
}

/** @param {string} url @returns {Promise<any>} */
async function ask(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

/** @param {string} text @param {number} [status] @returns {import('./service.js').Answer} */
function page(text, status = 200) {
  return { status, headers: SAFE, text };
}

/** A file with its content in its address, so that browsers keep it for good. @param {string} file @param {string} type */
function asset(file, type) {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 10);
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=31536000, immutable' };
  /** @type {import('./service.js').Route} */
  const route = ['GET', new RegExp(`^/assets/${file.replace('.', '\\.')}$`), () => ({ headers, text })];
  return { href: `/assets/${file}?${mark}`, route };
}
