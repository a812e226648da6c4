import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SlipwayError } from '#domain/errors.ts';
import type { KeptInstance, StackFolder } from './folders.ts';
import { pokeLock } from './lock.ts';
import { runs, signal } from './processes.ts';
import { hasEnded, marker } from './record.ts';

/** How long a supervisor that was just started may take to hold its lock, before another one is tried. */
const startingMs = 5000;
/** How much longer than its grace period an instance may take to stop, before its supervisor counts as hanging. */
const hangingMs = 10_000;

/** Starts supervisors, each at most once at a time as far as one process can know: their own locks do the rest. */
export interface Supervisors {
  /** Makes that an instance which has not ended has a supervisor, and that a hanging one is replaced. */
  ensure(folder: StackFolder, one: KeptInstance): Promise<void>;
}

/** Starts supervisors as detached processes of this program. `entry`: the file that they run. */
export function supervisors(entry: string): Supervisors {
  const started = new Map<string, number>();
  const ensure = async (folder: StackFolder, one: KeptInstance) => {
    const { id, locks } = one.record;
    if (one.state !== null && hasEnded(one.state)) return;
    if (hangs(one)) signal(one.state?.supervisor?.pid ?? 0, 'SIGKILL');
    if (Date.now() - (started.get(locks.instance) ?? 0) < startingMs) return;
    if (await pokeLock(locks.instance)) return;
    started.set(locks.instance, Date.now());
    const child = spawn(process.execPath, [...small, entry, folder.instanceFolder(id)], {
      detached: true,
      stdio: 'ignore',
      cwd: '/',
      env: { PATH: process.env.PATH, [marker.supervisor]: locks.instance },
    });
    child.on('exit', () => started.delete(locks.instance));
    child.on('error', () => started.delete(locks.instance));
    child.unref();
  };
  return { ensure };
}

/** A supervisor keeps almost nothing in memory: without these Node reserves some 10 MB more. */
const small = ['--max-old-space-size=32', '--max-semi-space-size=1', '--no-warnings'];

function hangs(one: KeptInstance): boolean {
  const { state, record, isToStop } = one;
  if (!isToStop || state === null || state.phase === 'waiting' || !runs(state.supervisor)) return false;
  return Date.now() - state.since > record.launch.stopGraceMs + hangingMs && state.phase === 'stopping';
}

/**
 * The file that Node runs as a supervisor: beside this one in the bundle. From source it is bundled once by content, since a
 * supervisor that loads a TypeScript loader would be three times as large.
 */
export async function supervisorEntry(dataDirectory: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = join(here, 'supervisor.mjs');
  if (existsSync(bundled)) return bundled;
  const source = join(here, 'supervisor.ts');
  if (!existsSync(source))
    throw new SlipwayError(
      'internal',
      `the supervisor of local instances is not there: no ${bundled}`,
      'install Slipway again',
    );
  const content = createHash('sha256');
  for (const name of readdirSync(here).filter((file) => file.endsWith('.ts')))
    content.update(readFileSync(join(here, name)));
  const target = join(dataDirectory, 'run', `supervisor-${content.digest('hex').slice(0, 12)}.mjs`);
  if (!existsSync(target)) await bundle(source, target);
  return target;
}

async function bundle(source: string, target: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const { build } = await import('esbuild');
  const draft = `${target}.${process.pid}.tmp`;
  await build({
    entryPoints: [source],
    outfile: draft,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  renameSync(draft, target);
}
