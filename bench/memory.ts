import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { layoutOf } from '#store/embedded/initialise.ts';
import { Slipway } from '../test/support/slipway.ts';
import type { Measurement } from './measurement.ts';

/** What an idle server holds, shared pages counted by their share (PSS). Linux only. */
export const memory: Measurement = {
  name: 'memory',
  about: 'idle memory of server and database together',
  prepare: async (ground) => {
    if (process.platform !== 'linux') return null;
    const slipway = await Slipway.start();
    ground.atEnd(() => slipway.dispose());
    await sleep(10_000);
    return {
      sides: [{ name: 'idle', rounds: 1, run: () => memoryOf(slipway) }],
      rows: [
        { what: 'idle memory, server', ours: { side: 'idle', key: 'server' }, unit: 'MB' },
        { what: 'idle memory, database', ours: { side: 'idle', key: 'database' }, unit: 'MB' },
      ],
      remove: () => slipway.dispose(),
    };
  },
};

async function memoryOf(slipway: Slipway): Promise<{ readonly server: number; readonly database: number }> {
  const file = (await readFile(join(layoutOf(slipway.data).cluster, 'postmaster.pid'), 'utf8')).split('\n');
  const postmaster = Number(file[0]);
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parts = await Promise.all(
    processes.map(async (pid) => (pid === postmaster || (await parentOf(pid)) === postmaster ? pssOf(pid) : 0)),
  );
  return { server: await pssOf(slipway.pid), database: parts.reduce((sum, part) => sum + part, 0) };
}

async function parentOf(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1];
  return parent === undefined ? null : Number(parent);
}

/** MB, shared pages by their share. */
async function pssOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1024;
}
