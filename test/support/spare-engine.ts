import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { until } from './until.ts';

/** A Docker Engine of one's own that is in no swarm, in a network of its own: the bed's keeps its ports. */
export interface SpareEngine {
  readonly socketPath: string;
  readonly docker: Docker;
  stop(): Promise<void>;
}

/** Whether one can be started here: dockerd is installed, and may be run. */
export const maySpare = process.getuid?.() === 0 && spawnSync('dockerd', ['--version']).status === 0;

/** Starts one; it runs no container. */
export async function spareEngine(): Promise<SpareEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-engine-'));
  const at = (name: string): string => join(folder, name);
  const socketPath = at('docker.sock');
  const flags = ['--bridge=none', '--iptables=false', '--storage-driver=vfs', '--log-level=warn'];
  const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
  const inside = ['sh', '-c', 'ip link set lo up && exec dockerd "$@"', 'dockerd'];
  const child = spawn('unshare', ['--net', ...inside, '--host', `unix://${socketPath}`, ...places, ...flags], {
    stdio: 'ignore',
  });
  const docker = new Docker({ socketPath });
  const isUp = (): Promise<boolean> =>
    docker.ping().then(
      () => true,
      () => false,
    );
  await until('the spare engine', isUp, 60_000, 100);
  return {
    socketPath,
    docker,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
