// The same file lies in every service's folder: each is built alone, from its own folder only.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { selfTest } from './selftest.js';

/**
 * @typedef {{ url: URL, params: string[], body: () => Promise<any>, form: () => Promise<Record<string, string>> }} Call
 * @typedef {{ status?: number, headers?: Record<string, string>, json?: unknown, text?: string }} Answer
 * @typedef {[method: string, path: RegExp, handle: (call: Call) => Promise<Answer> | Answer]} Route
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:stream').Duplex} Duplex
 * @typedef {object} Service
 * @property {() => Promise<void>} start Connects to what the service needs; tried again until it succeeds.
 * @property {() => Promise<void>} stop Ends what `start` began, after the last answer.
 * @property {Route[]} routes The first that fits answers.
 * @property {(request: Request, socket: Duplex, head: Buffer) => void} [upgrade] Takes websocket connections.
 * @property {Record<string, () => Promise<void>>} cases What GET /test runs, by name; a case fails by throwing.
 */

const { name, version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
/** 3000 in a container; whoever runs it as a plain process gives it a port, and it then stays on the loopback address. */
const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOST ?? (process.env.PORT ? '127.0.0.1' : '0.0.0.0');
const startedAt = new Date().toISOString();
/** How long requests under way may take once the service is asked to stop. */
const STOP_MS = 4_000;
const BODY_BYTES = 64 * 1024;

export const self = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;

/** An error that the caller caused; `status` is what it gets. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {Record<string, string>} [fields] what is wrong, by field */
  constructor(status, message, fields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Starts the service and ends it cleanly on SIGTERM or SIGINT. @param {Service} service */
export async function run(service) {
  let ready = false;
  /** @type {Set<Promise<unknown>>} */
  const underWay = new Set();
  const server = createServer((request, response) => {
    const closed = new Promise((resolve) => response.once('close', resolve)).then(() => underWay.delete(closed));
    underWay.add(closed);
    void answer(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (service.upgrade) service.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\n\r\n');
  });

  /** @type {Route[]} */
  const routes = [
    ['GET', /^\/healthz$/, () => ({ status: ready ? 200 : 503, json: { ready } })],
    ['GET', /^\/info$/, () => ({ json: info() })],
    ['GET', /^\/test$/, async () => ({ json: await selfTest(service.cases) })],
    ...service.routes,
  ];

  /** @param {Request} request @param {import('node:http').ServerResponse} response */
  async function answer(request, response) {
    try {
      send(response, await route(routes, request));
    } catch (error) {
      if (!(error instanceof Refused)) console.error(`${request.method} ${request.url}:`, error);
      const { status, message, fields } = error instanceof Refused ? error : new Refused(500, 'something went wrong here');
      send(response, { status, json: { error: message, fields } });
    }
  }

  async function stop() {
    ready = false;
    setTimeout(() => process.exit(1), 2 * STOP_MS).unref();
    server.close();
    await Promise.race([Promise.all(underWay), sleep(STOP_MS)]);
    await service.stop();
    process.exit(0);
  }

  /** @type {Promise<void> | undefined} */
  let stopping;
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      stopping ??= stop();
    });
  }
  server.listen(port, host, () => console.log(`${name} ${version} listens on ${host}:${port}`));
  server.on('error', (error) => {
    console.error(`${name} cannot listen on ${host}:${port}: ${error.message}`);
    process.exit(1);
  });
  await untilItWorks(service.start);
  ready = true;
  console.log(`${name} is ready`);
}

/** What runs here, in the shape that release checks ask for. Slipway sets SLIPWAY_COMMIT. */
function info() {
  const commitHash = process.env.SLIPWAY_COMMIT || 'unknown';
  const buildTimestamp = process.env.SLIPWAY_BUILD_TIMESTAMP || startedAt;
  return { status: 'success', message: `${name} is up`, result: { commitHash, buildTimestamp, client: name, ClientVersion: version } };
}

/** @param {Route[]} routes @param {Request} request @returns {Promise<Answer>} */
async function route(routes, request) {
  const url = new URL(request.url ?? '/', self);
  for (const [method, path, handle] of routes) {
    const found = request.method === method && path.exec(url.pathname);
    if (!found) continue;
    const body = async () => parseJson((await read(request)) || '{}');
    const form = async () => Object.fromEntries(new URLSearchParams(await read(request)));
    return await handle({ url, params: found.slice(1).map(decodeURIComponent), body, form });
  }
  throw new Refused(404, `there is no ${request.method} ${url.pathname}`);
}

/** @param {import('node:http').ServerResponse} response @param {Answer} answer */
function send(response, { status = 200, headers = {}, json, text }) {
  const type = json === undefined ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

/** @param {Request} request */
async function read(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_BYTES) throw new Refused(413, 'that is too long');
  }
  return text;
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, 'the body is not JSON');
  }
}

/** Dependencies may start later than this service does. @param {() => Promise<void>} start */
async function untilItWorks(start) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt % 10 === 1) console.error(`${name} waits: ${error instanceof Error ? error.message : error}`);
      await sleep(500);
    }
  }
}

/** @param {string} variable @param {string} fallback */
export const setting = (variable, fallback) => process.env[variable] || fallback;
