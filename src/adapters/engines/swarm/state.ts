import Docker from 'dockerode';
import { anything, type EngineApi, engineApi } from './api.ts';
import { EngineAnswer } from './failures.ts';
import { info as infoShape } from './shapes.ts';

/** What an engine is to a swarm, before it is registered as a cluster. */
export type SwarmState =
  | { readonly state: 'none' }
  | { readonly state: 'worker'; readonly node: string }
  | { readonly state: 'manager'; readonly node: string; readonly nodes: number };

/** A client of the Docker Engine behind a socket. */
export const dockerAt = (socketPath: string): Docker => new Docker({ socketPath });

/** @throws SlipwayError `engine.unreachable` */
export async function swarmState(docker: Docker, signal: AbortSignal): Promise<SwarmState> {
  return stateOf(engineApi(docker), signal);
}

async function stateOf(api: EngineApi, signal: AbortSignal): Promise<SwarmState> {
  const { Swarm } = await api.call(infoShape, { path: '/info' }, signal);
  const node = Swarm.NodeID ?? '';
  if (Swarm.ControlAvailable === true) return { state: 'manager', node, nodes: Swarm.Nodes ?? 1 };
  return node === '' || Swarm.LocalNodeState === 'inactive' ? { state: 'none' } : { state: 'worker', node };
}

/**
 * Makes the engine a swarm of one node; nothing where it is in one already. `advertiseAddr`: the address that other nodes
 * will reach it by (loopback keeps it to this machine, listening included).
 * @throws SlipwayError `engine.refused`, e.g. for a machine with several addresses and none given
 */
export async function swarmInit(
  docker: Docker,
  options: { readonly advertiseAddr: string },
  signal: AbortSignal,
): Promise<SwarmState> {
  const api = engineApi(docker);
  const now = await stateOf(api, signal);
  if (now.state !== 'none') return now;
  const isLocal = /^(127\.|::1)/.test(options.advertiseAddr);
  const body = {
    AdvertiseAddr: options.advertiseAddr,
    ListenAddr: isLocal ? `${options.advertiseAddr}:2377` : '0.0.0.0:2377',
  };
  await api.call(anything, { method: 'POST', path: '/swarm/init', body }, signal).catch((thrown: unknown) => {
    if (!(thrown instanceof EngineAnswer)) throw thrown;
    const why = `the Docker Engine cannot be made a swarm at ${options.advertiseAddr}: ${thrown.message}`;
    throw new EngineAnswer(thrown.status, why, 'give an address of its own machine, or 127.0.0.1 where it stays alone');
  });
  return stateOf(api, signal);
}
