import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What happens to a request instead of its way to the engine; `false`: nothing, it goes on. */
export type Trouble = (req: IncomingMessage, res: ServerResponse) => boolean;

export interface EngineProxy {
  readonly path: string;
  /** How many requests of this method and path went on to the engine. */
  passed(method: string, path: RegExp): number;
  /** Requests meet this from now on. */
  trouble: Trouble;
  close(): Promise<void>;
}

let made = 0;

/** A socket before a real engine's that can be made to hang, to cut off, or to answer by itself. Streams pass, hijacked connections do not. */
export async function proxyEngine(socketPath: string): Promise<EngineProxy> {
  made += 1;
  const path = join(tmpdir(), `slipway-engine-${process.pid}-${made}.sock`);
  const seen: string[] = [];
  const server = createServer((req, res) => {
    const { url = '', method = 'GET', headers } = req;
    if (proxy.trouble(req, res)) return void req.resume();
    seen.push(`${method} ${url}`);
    const onward = request({ socketPath, path: url, method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  });
  const proxy: EngineProxy = {
    path,
    passed: (method, pattern) => seen.filter((line) => line.startsWith(`${method} `) && pattern.test(line)).length,
    trouble: () => false,
    async close() {
      server.closeAllConnections();
      server.close();
      rmSync(path, { force: true });
    },
  };
  await once(server.listen(path), 'listening');
  return proxy;
}

/** Answers with the engine's words. */
export const says =
  (status: number, message: string): Trouble =>
  (_, res) => {
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
    return true;
  };
/** Takes the request, and never answers. */
export const silence: Trouble = () => true;
/** Begins an answer, and hangs up. */
export const halfAnAnswer: Trouble = (_, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('[{"ID":');
  setTimeout(() => res.destroy(), 20);
  return true;
};
/** Only the first request that fits meets this. */
export function firstOf(method: string, path: RegExp, trouble: Trouble): Trouble {
  let met = false;
  return (req, res) => {
    if (met || req.method !== method || !path.test(req.url ?? '')) return false;
    met = true;
    return trouble(req, res);
  };
}
