import type { NodeInfo } from '../contract.ts';
import type { EngineApi } from './api.ts';
import { type Node, nodes as nodesShape } from './shapes.ts';

/** The swarm’s nodes. */
export async function listNodes(api: EngineApi, signal: AbortSignal): Promise<readonly NodeInfo[]> {
  const found = await api.call(nodesShape, { path: '/nodes' }, signal);
  return found.map(nodeInfo).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A node in Slipway’s words. */
export function nodeInfo({ ID, Spec, Description, Status }: Node): NodeInfo {
  const { Platform, Resources } = Description;
  return {
    name: Description.Hostname ?? ID,
    role: Spec.Role === 'manager' ? 'manager' : 'worker',
    ready: Status.State === 'ready' && (Spec.Availability ?? 'active') === 'active',
    platform: `${Platform?.OS ?? 'linux'}/${Platform?.Architecture ?? 'unknown'}`,
    cpus: (Resources?.NanoCPUs ?? 0) / 1e9,
    memoryBytes: Resources?.MemoryBytes ?? 0,
  };
}
