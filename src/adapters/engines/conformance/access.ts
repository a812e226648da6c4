import { request } from 'node:http';
import { expect } from 'vitest';
import { isWell, needs, replicas, type StageTest } from './stage.ts';

/** Logs, commands, connections, addresses and hints of change. */
export function access(it: StageTest): void {
  logs(it);
  connections(it);
  hints(it);
}

function logs(it: StageTest): void {
  it('gives the last lines of each instance, with stream, time and instance', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    for (const word of ['first', 'second', 'third']) await stage.get(one, `/print?text=${word}`);
    await stage.until('three lines', async () => {
      const lines = await stage.logs({ service: 'web', tail: 2 });
      return { done: lines.at(-1)?.text === 'third', value: lines, seen: lines };
    });
    const all = await stage.logs({ service: 'web' });
    expect((await stage.logs({ service: 'web', tail: 2 })).map((line) => line.text)).toEqual(['second', 'third']);
    expect(all.find((line) => line.text === 'a line on stderr')?.stream).toBe('stderr');
    const hello = all.find((line) => line.text === 'hello from version none');
    expect(hello).toMatchObject({ service: 'web', instance: one.id, stream: 'stdout' });
    expect(Math.abs((hello?.at ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('follows the lines of a service as they come, until told to stop', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    const stop = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      const query = { service: 'web', tail: 0, follow: true };
      for await (const line of stage.engine.logs(stage.name, query, stop.signal)) seen.push(line.text);
    })();
    let count = 0;
    await stage.until('a followed line', async () => {
      await stage.get(one, `/print?text=line-${++count}`);
      return { done: seen.length >= 2, value: seen, seen };
    });
    stop.abort();
    await following.catch(() => undefined);
    expect(seen.every((line) => line.startsWith('line-'))).toBe(true);
  });

  it('keeps the lines of an instance that has ended', async ({ stage }) => {
    const web = (version: string) => stage.service('web', { environment: { VERSION: version } });
    await stage.create(stage.spec([web('1')]));
    const [old] = await stage.settled('web', 1);
    if (!old) return expect.unreachable();
    await stage.applyService(stage.spec([web('2')]), 'update', 'web');
    await stage.settled('web', 1);
    const lines = (await stage.logs({ instance: old.id })).map((line) => line.text);
    expect(lines).toContain('hello from version 1');
    expect(lines).not.toContain('hello from version 2');
  });
}

function hints(it: StageTest): void {
  it('says that something changed when something changes', async ({ stage }) => {
    const stop = new AbortController();
    let ticks = 0;
    const watching = (async () => {
      for await (const _ of stage.engine.watch(stage.name, stop.signal)) ticks += 1;
    })();
    await stage.create(stage.spec([stage.service('web')]));
    await stage.until('a tick', async () => ({ done: ticks > 0, value: ticks, seen: ticks }));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    ticks = 0;
    await stage.get(one, '/end?code=1');
    await stage.until('a tick for an end', async () => ({ done: ticks > 0, value: ticks, seen: ticks }));
    stop.abort();
    await watching.catch(() => undefined);
  });
}

function connections(it: StageTest): void {
  it('refuses to connect to an instance that is not there', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web')]));
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    const code = { code: 'engine.no_instance' };
    const gone = { ...one, id: 'gone' };
    await expect(stage.engine.connect(stage.name, gone, null, stage.signal)).rejects.toMatchObject(code);
  });

  it('connects to each instance by itself, with nothing published', async ({ stage }) => {
    await stage.create(stage.spec([stage.service('web', { mode: replicas(2) })]));
    for (const one of await stage.settled('web', 2)) {
      expect(one.published).toEqual([]);
      await stage.get(one, `/print?text=i-am-${one.slot}`);
      expect(await stage.get(one, '/healthz', 8080)).toEqual({ status: 200, body: 'well' });
      await stage.until('the line of this instance', async () => {
        const lines = (await stage.logs({ instance: one.id })).map((line) => line.text);
        return { done: lines.includes(`i-am-${one.slot}`), value: lines, seen: lines };
      });
    }
  });

  it('lets one service reach another by reference', async ({ stage }) => {
    const api = stage.service('api', { environment: { BEHAVE: 'well' } });
    const web = stage.service('web', { references: { API_URL: 'http://{service.api}/healthz' } });
    await stage.create(stage.spec([api, web]));
    await stage.settled('api', 1);
    const [one] = await stage.settled('web', 1);
    if (!one) return expect.unreachable();
    const { API_URL: url } = JSON.parse((await stage.get(one, '/env')).body);
    await stage.until('an answer of the other service', async () => {
      const answer = await stage.get(one, `/fetch?url=${encodeURIComponent(url)}`);
      return { done: answer.status === 200 && answer.body === 'well', value: answer, seen: answer };
    });
  });

  it('publishes a port, and tells where', async ({ stage, skip }) => {
    needs(skip, stage, 'published-ports');
    const port = { target: 8080, published: null, protocol: 'tcp', mode: null, hostIp: '127.0.0.1' } as const;
    await stage.create(stage.spec([stage.service('web', { ports: [port] })]));
    await stage.settled('web', 1);
    const one = await stage.some('web', 'published', (instance) => isWell(instance) && instance.published.length > 0);
    const answer = await stage.until('an answer on the published port', async () => {
      const status = await statusOf(`http://${one.published[0]}/healthz`);
      return { done: status === 200, value: status, seen: status };
    });
    expect(answer).toBe(200);
  });
}

/** HTTP status, or 0 while nobody answers. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(url, { timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(0)).end();
  });
}
