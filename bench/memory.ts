import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
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
  const server = await pssOf(slipway.pid);
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parts = await Promise.all(
    processes.map(async (pid) => ((await belongsTo(Number(pid), slipway.data)) ? pssOf(Number(pid)) : 0)),
  );
  return { server, database: parts.reduce((sum, part) => sum + part, 0) };
}

/** Is it the postmaster with that data folder, or a child of it? */
async function belongsTo(pid: number, data: string): Promise<boolean> {
  const cwd = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return /postgres/.test(command) && (command.includes(data) || cwd.includes(data));
}

/** MB, shared pages by their share. */
async function pssOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1024;
}
