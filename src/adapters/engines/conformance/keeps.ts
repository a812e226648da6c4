import { expect } from 'vitest';
import { fileOf, needs, plainVolume, type StageTest } from './stage.ts';

/** Configs, secrets and volumes: what outlives instances. */
export function keeps(it: StageTest): void {
  files(it);
  volumes(it);
}

function files(it: StageTest): void {
  const mount = (file: string, kind: 'config' | 'secret') =>
    ({ file, kind, target: `/run/conf/${file}`, uid: '0', gid: '0', mode: 0o444 }) as const;

  it('gives configs and secrets to a service as files, with new content under a new name', async ({ stage, skip }) => {
    needs(skip, stage, 'files');
    const spec = (greeting: string) =>
      stage.spec([stage.service('web', { files: [mount('greeting', 'config'), mount('key', 'secret')] })], {
        files: [fileOf('config', 'greeting', greeting), fileOf('secret', 'key', 'very $ecret')],
      });
    const read = async (key: string) => {
      const [one] = await stage.settled('web', 1);
      return one ? (await stage.get(one, `/file?key=${key}&target=/run/conf/${key}`)).body : '';
    };
    await stage.create(spec('good morning'));
    expect([await read('greeting'), await read('key')]).toEqual(['good morning', 'very $ecret']);
    const next = spec('good evening');
    const [greeting] = next.files;
    if (!greeting) return expect.unreachable();
    await stage.apply(next, 'create', { kind: 'config', name: stage.versioned(greeting) });
    await stage.applyService(next, 'update', 'web');
    expect(await read('greeting')).toBe('good evening');
    const names = (await stage.observe()).things.filter((thing) => thing.kind === 'config');
    expect(names).toHaveLength(2);
    expect(JSON.stringify(await stage.observe())).not.toContain(Buffer.from('very $ecret').toString('base64'));
  });

  it('prunes the files that nobody keeps, and only those', async ({ stage, skip }) => {
    needs(skip, stage, 'files');
    const files = [fileOf('config', 'a', 'one'), fileOf('secret', 'b', 'two'), fileOf('config', 'c', 'three')];
    const [a, b, c] = files.map((file) => stage.versioned(file));
    await stage.create(stage.spec([], { files }));
    const gone = await stage.engine.prune(stage.name, new Set([b ?? '']), stage.signal);
    expect([...gone].sort()).toEqual([a, c].sort());
    const left = (await stage.observe()).things.filter((one) => one.kind === 'config' || one.kind === 'secret');
    expect(left.map((thing) => thing.name)).toEqual([b]);
    expect(await stage.engine.prune(stage.name, new Set([b ?? '']), stage.signal)).toEqual([]);
  });
}

function volumes(it: StageTest): void {
  it('keeps a volume over updates and the removal of the stack, until told otherwise', async ({ stage }) => {
    const data = {
      kind: 'volume',
      source: 'data',
      target: '/data',
      readOnly: false,
      noCopy: false,
      subpath: null,
    } as const;
    const spec = (version: string) =>
      stage.spec([stage.service('web', { mounts: [data], environment: { VERSION: version } })], {
        volumes: [plainVolume('data')],
      });
    const append = async (text: string) => {
      const [one] = await stage.settled('web', 1);
      return one ? (await stage.get(one, `/append?key=data&target=/data&text=${text}`)).body : '';
    };
    await stage.create(spec('1'));
    expect(await append('a')).toBe('a\n');
    await stage.applyService(spec('2'), 'update', 'web');
    expect(await append('b')).toBe('a\nb\n');
    await stage.engine.remove(stage.name, { volumes: false }, stage.signal);
    expect((await stage.observe()).things.map((thing) => thing.kind)).toEqual(['volume']);
    await stage.create(spec('3'));
    expect(await append('c')).toBe('a\nb\nc\n');
    await stage.strike();
    expect((await stage.observe()).things).toEqual([]);
  });
}
