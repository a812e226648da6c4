import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceSpec } from '#domain/stack/spec.ts';
import { engineConformance, type Harness } from '../conformance.ts';
import { StackFolder } from './folders.ts';
import { localEngine } from './local.ts';
import { writeJson } from './record.ts';

const program = join(dirname(dirname(fileURLToPath(import.meta.url))), 'conformance', 'program.mjs');

/** The program as the checkout builder would have left it: a folder named by the artifact's key. */
function fit(service: ServiceSpec, artifact: 'program' | 'missing'): ServiceSpec {
  const key = artifact === 'program' ? 'program-1' : 'nowhere-1';
  return {
    ...service,
    artifact: { kind: 'checkout', key, commit: 'c0ffee' },
    environment: { LISTEN: '127.0.0.1', ...service.environment },
    local: {
      directory: '.',
      install: null,
      command: ['node', 'program.mjs'],
      health: service.health === null ? null : { http: '/healthz' },
      portVariable: 'PORT',
    },
  };
}

async function start(): Promise<Harness> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-local-'));
  const artifactsDirectory = join(home, 'artifacts');
  mkdirSync(join(artifactsDirectory, 'program-1'), { recursive: true });
  cpSync(program, join(artifactsDirectory, 'program-1', 'program.mjs'));
  const versionKey = new TextEncoder().encode('a key for tests');
  const dataDirectory = join(home, 'local');
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => void troubles.push(error);
  const engine = await localEngine({ dataDirectory, artifactsDirectory, versionKey, onTrouble });
  const strangers: ChildProcess[] = [];
  return {
    engine,
    versionKey,
    patienceMs: 20_000,
    fit,
    impossible: (service) => ({ ...service, host: { ...service.host, privileged: true } }),
    async meddle(stack, service) {
      const folder = new StackFolder(dataDirectory, stack);
      for (const { record } of folder.instances().filter((one) => one.record.service === service)) {
        const environment = { ...record.launch.environment, MEDDLED: 'yes' };
        const file = join(folder.instanceFolder(record.id), 'instance.json');
        writeJson(file, { ...record, launch: { ...record.launch, environment } });
      }
    },
    async stranger() {
      const child = spawn('node', [join(artifactsDirectory, 'program-1', 'program.mjs')], {
        env: { PATH: process.env.PATH, BEHAVE: 'deaf', SLIPWAY_COMMIT: 'c0ffee' },
        stdio: 'ignore',
      });
      strangers.push(child);
      return async () => child.exitCode === null && child.signalCode === null;
    },
    async dispose() {
      for (const child of strangers) child.kill('SIGKILL');
      await engine.halt(AbortSignal.timeout(30_000));
      rmSync(home, { recursive: true, force: true });
      if (troubles.length > 0) throw new AggregateError(troubles, 'trouble in the background');
    },
  };
}

engineConformance('local', start);
