/**
 * The service of the conformance suite: a small HTTP server that does what its environment says. It needs Node and no
 * package, so that an image of it is `FROM node` and one COPY.
 *
 * PORT (8080), LISTEN (0.0.0.0); BEHAVE: `crash` ends with EXIT_CODE (3) at once, `sick` answers /healthz with 503,
 * `deaf` never listens, `job` prints its lines and ends with EXIT_CODE (0), `stubborn` ignores SIGTERM.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const env = process.env;
const behave = env.BEHAVE ?? 'well';
console.log(`hello from version ${env.VERSION ?? 'none'}`);
console.error('a line on stderr');

const text = (response, status, body) => response.writeHead(status, { connection: 'close' }).end(body);

/** Where a config or secret is: where the engine says, else where the specification wanted it. */
const fileOf = (query) => env[`SLIPWAY_FILE_${query.get('key')?.toUpperCase()}`] ?? query.get('target') ?? '';
const volumeOf = (query) => env[`SLIPWAY_VOLUME_${query.get('key')?.toUpperCase()}`] ?? query.get('target') ?? '';

const routes = {
  '/healthz': (_, response) => text(response, behave === 'sick' ? 503 : 200, behave),
  '/env': (_, response) => text(response, 200, JSON.stringify(env)),
  '/file': (query, response) => text(response, 200, readFileSync(fileOf(query), 'utf8')),
  '/append': (query, response) => {
    const path = `${volumeOf(query)}/lines`;
    appendFileSync(path, `${query.get('text')}\n`);
    text(response, 200, readFileSync(path, 'utf8'));
  },
  '/print': (query, response) => {
    console.log(query.get('text'));
    text(response, 200, 'printed');
  },
  '/end': (query, response) => {
    text(response, 200, 'ending');
    setTimeout(() => process.exit(Number(query.get('code') ?? 0)), 20);
  },
  '/fetch': (query, response) =>
    fetch(query.get('url')).then(
      async (answer) => text(response, answer.status, await answer.text()),
      (error) => text(response, 502, `${error.cause ?? error}`),
    ),
};

function answer(request, response) {
  const url = new URL(request.url, 'http://service');
  const route = routes[url.pathname];
  try {
    if (route) route(url.searchParams, response);
    else text(response, 404, 'no such path');
  } catch (error) {
    text(response, 500, String(error));
  }
}

process.on('SIGTERM', () => {
  if (behave !== 'stubborn') process.exit(0);
});

if (behave === 'crash') {
  console.error('cannot go on: told to crash');
  process.exit(Number(env.EXIT_CODE ?? 3));
} else if (behave === 'job') {
  console.log('the job is done');
  process.exit(Number(env.EXIT_CODE ?? 0));
} else if (behave === 'deaf') {
  setInterval(() => {}, 60_000);
} else {
  const [port, host] = [Number(env.PORT ?? 8080), env.LISTEN ?? '0.0.0.0'];
  // a file for engines whose checks are commands: a Node process each second for each instance would be most of the load
  const [wellFile] = process.argv.slice(2);
  createServer(answer).listen(port, host, () => {
    if (wellFile && behave !== 'sick') writeFileSync(wellFile, '');
    console.log(`listening on ${host}:${port}`);
  });
}
