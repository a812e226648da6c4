import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StackSpec } from '#domain/stack/spec.ts';
import { plainService, Stage } from '../conformance/stage.ts';
import { StackFolder } from './folders.ts';
import { type LocalEngine, localEngine } from './local.ts';
import { carriers, markOf, runs, signal } from './processes.ts';
import { marker } from './record.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** A workload that says in one file when it begins, that it lives, and when it ends; two of a slot would show there. */
const workload = `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const say = (what) => appendFileSync(process.env.DIARY, JSON.stringify({ what, pid: process.pid, at: Date.now(), slot: process.env.SLIPWAY_SLOT, version: process.env.VERSION }) + '\\n');
say('begin');
setInterval(() => say('alive'), 20);
process.on('SIGTERM', () => { say('end'); process.exit(0); });
createServer((_, response) => response.end('well')).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** An engine in a process of its own, which applies the specification it is given and then lives on until it is killed. */
const driver = `
import { readFileSync } from 'node:fs';
import { localEngine } from '${join(here, 'local.ts')}';
const { options, spec } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const engine = await localEngine({ ...options, versionKey: new TextEncoder().encode('key') });
const signal = new AbortController().signal;
for (const service of spec.services)
  await engine.apply(spec, { kind: 'service', name: service.name, action: 'update', why: 'test', fields: [] }, signal);
process.send?.('applied');
setInterval(() => {}, 1000);
`;

interface Note {
  readonly what: 'begin' | 'alive' | 'end';
  readonly pid: number;
  readonly at: number;
  readonly slot: string;
  readonly version: string;
}

let home: string;
let engine: LocalEngine;
let stage: Stage;
const drivers: ChildProcess[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'slipway-kill-'));
  mkdirSync(join(home, 'artifacts', 'a1'), { recursive: true });
  writeFileSync(join(home, 'artifacts', 'a1', 'main.mjs'), workload);
  engine = await localEngine({ ...options(), versionKey: new TextEncoder().encode('key') });
  stage = new Stage({
    engine,
    versionKey: new TextEncoder().encode('key'),
    patienceMs: 30_000,
    fit: (service) => service,
    impossible: (service) => service,
    meddle: async () => undefined,
    stranger: async () => async () => true,
    dispose: async () => undefined,
  });
});

afterEach(async () => {
  for (const child of drivers.splice(0)) child.kill('SIGKILL');
  await stage.strike();
  await engine.close();
  expect(carriers(slots().map((slot) => `${marker.slot}=${slot}`))).toEqual([]);
  rmSync(home, { recursive: true, force: true });
});

const options = () => ({ dataDirectory: join(home, 'local'), artifactsDirectory: join(home, 'artifacts') });
const diary = () => join(home, 'diary');
const notes = (): readonly Note[] =>
  existsSync(diary())
    ? readFileSync(diary(), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Note)
    : [];
const slots = () => [...new Set(notes().map((note) => note.slot))];

function spec(version: string, replicas = 2): StackSpec {
  const service = plainService('web', {
    artifact: { kind: 'checkout', key: 'a1', commit: 'c' },
    mode: { kind: 'replicated', replicas },
    environment: { DIARY: diary(), VERSION: version },
    networks: [],
    health: { test: [], intervalMs: 500, timeoutMs: 2000, startPeriodMs: 5000, startIntervalMs: 50, retries: 3 },
    local: {
      directory: '.',
      install: null,
      command: ['node', 'main.mjs'],
      health: { http: '/' },
      portVariable: 'PORT',
    },
  });
  return { ...stage.spec([{ ...service, process: { ...service.process, stopGraceMs: 1000 } }]), networks: [] };
}

/** Two processes of one slot must never have lived at the same time: the last sign of one is before the first of the next. */
function expectNeverTwoAtOnce(): void {
  for (const slot of slots()) {
    const lives = new Map<number, { first: number; last: number }>();
    for (const note of notes().filter((one) => one.slot === slot)) {
      const life = lives.get(note.pid) ?? { first: note.at, last: note.at };
      lives.set(note.pid, { first: Math.min(life.first, note.at), last: Math.max(life.last, note.at) });
    }
    const order = [...lives.values()].sort((a, b) => a.first - b.first);
    order.forEach((life, index) => {
      const next = order[index + 1];
      if (next) expect(life.last, `two processes of ${slot} at once`).toBeLessThanOrEqual(next.first);
    });
  }
}

/** Mulberry32: the same seed kills at the same moments. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function drive(target: StackSpec): ChildProcess {
  const file = join(home, `drive-${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, JSON.stringify({ options: options(), spec: target }));
  const script = join(home, 'driver.mts');
  writeFileSync(script, driver);
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  drivers.push(child);
  return child;
}

test('instances outlive the engine that made them, and the next engine finds the very same', async () => {
  const child = drive(spec('1'));
  await new Promise((resolve) => child.once('message', resolve));
  const before = await stage.settled('web', 2);
  child.kill('SIGKILL');
  await engine.close();
  await sleep(300);
  engine = await localEngine({ ...options(), versionKey: new TextEncoder().encode('key') });
  const after = await engine.observe(stage.name, stage.signal);
  expect(after.instances.map((one) => [one.id, one.state, one.since])).toEqual(
    before.map((one) => [one.id, 'running', one.since]),
  );
  expect(notes().filter((note) => note.what === 'begin')).toHaveLength(2);
});

test('a supervisor that is killed is started again, and its orphan is gone before the next process begins', async () => {
  await stage.applyService(spec('1', 1), 'create', 'web');
  const [one] = await stage.settled('web', 1);
  const state = () => new StackFolder(options().dataDirectory, stage.name).instance(one?.id ?? '')?.state;
  const [supervisor, orphan] = [state()?.supervisor ?? null, state()?.workload ?? null];
  signal(supervisor?.pid ?? 0, 'SIGKILL');
  await stage.until('another supervisor with another process', async () => {
    const next = state();
    const isNew = next?.phase === 'running' && next.health === 'healthy' && next.supervisor?.pid !== supervisor?.pid;
    return { done: isNew, value: next ?? undefined, seen: next };
  });
  expect(runs(orphan)).toBe(false);
  expectNeverTwoAtOnce();
});

test('a process of a session of its own, which a killed supervisor leaves behind, is found and ended', async () => {
  const stray = `import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    child.unref(); console.log('stray ' + child.pid); setInterval(() => {}, 1000);`;
  writeFileSync(join(home, 'artifacts', 'a1', 'main.mjs'), stray);
  const target = spec('1', 1);
  const service = target.services.map((one) => ({
    ...one,
    health: null,
    local: one.local && { ...one.local, health: null },
  }));
  await stage.applyService({ ...target, services: service }, 'create', 'web');
  const line = await stage.until('the stray', async () => {
    const lines = (await stage.logs({})).map((entry) => entry.text);
    return { done: lines.length > 0, value: lines[0], seen: lines };
  });
  const pid = Number(line.split(' ')[1]);
  expect(markOf(pid)).not.toBeNull();
  await stage.strike();
  expect(markOf(pid)).toBeNull();
});

test('never two processes of one slot, whatever is killed at whatever moment, and the last specification runs in the end', async () => {
  const seed = Number(process.env.SLIPWAY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed} (SLIPWAY_SEED=${seed} repeats it)`);
  const chance = random(seed);
  const rounds = 8;
  let killed = 0;
  for (let round = 1; round <= rounds; round++) {
    const child = drive(spec(String(round)));
    const moments = 3 + Math.floor(chance() * 3);
    for (let moment = 0; moment < moments; moment++) {
      await sleep(chance() * 400);
      const victims = new StackFolder(options().dataDirectory, stage.name)
        .instances()
        .flatMap(({ state }) => [state?.supervisor ?? null, state?.workload ?? null])
        .filter(runs);
      const victim = victims[Math.floor(chance() * victims.length)];
      if (victim && chance() < 0.8 && signal(victim.pid, 'SIGKILL')) killed += 1;
    }
    if (child.exitCode === null && chance() < 0.5) await Promise.race([once(child, 'message'), sleep(3000)]);
    child.kill('SIGKILL');
  }
  expect(killed).toBeGreaterThan(5);
  const last = spec('last');
  await stage.applyService(last, 'update', 'web');
  const instances = await stage.settled('web', 2);
  expect(instances).toHaveLength(2);
  expectNeverTwoAtOnce();
  const living = slots().flatMap((slot) => carriers([`${marker.slot}=${slot}`]));
  expect(living).toHaveLength(2);
  const versions = living.map((pid) => notes().findLast((note) => note.pid === pid)?.version);
  expect(versions).toEqual(['last', 'last']);
});

test('a published port that another process holds is named, with that process, until it is free', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const address = holder.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const [web] = spec('1', 1).services;
  if (!web) return expect.unreachable();
  const ports = [{ target: 8080, published: [port, port], protocol: 'tcp', mode: null, hostIp: null }] as const;
  await stage.applyService({ ...spec('1'), services: [{ ...web, ports }] }, 'create', 'web');
  const one = await stage.some('web', 'a failure', (instance) => instance.failures.length > 0);
  expect(one.failures[0]?.message).toContain(`port ${port}`);
  expect(one.failures[0]?.message).toContain(`(pid ${process.pid})`);
  await new Promise((resolve) => holder.close(resolve));
  const [settled] = await stage.settled('web', 1);
  expect(settled?.published).toEqual([`127.0.0.1:${port}`]);
});

test('what was halted starts again with the next engine, on the same ports', async () => {
  await stage.applyService(spec('1'), 'create', 'web');
  const before = await stage.settled('web', 2);
  const port = () => readFileSync(join(options().dataDirectory, 'ports.json'), 'utf8');
  const ports = port();
  await engine.halt(stage.signal);
  expect(slots().flatMap((slot) => carriers([`${marker.slot}=${slot}`]))).toEqual([]);
  engine = await localEngine({ ...options(), versionKey: new TextEncoder().encode('key') });
  const after = await stage.settled('web', 2);
  expect([after.map((one) => one.id), port()]).toEqual([before.map((one) => one.id), ports]);
  expectNeverTwoAtOnce();
});

const once = (child: ChildProcess, event: string) => new Promise((resolve) => child.once(event, resolve));
