import type { Finding } from '#domain/plan/change.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import type { EngineApi } from './api.ts';
import { namedFiles } from './files.ts';
import { findNetwork } from './networks.ts';

/** Every node has these by itself, and services may name them. */
const predefined: ReadonlySet<string> = new Set(['host', 'none', 'bridge', 'ingress']);

/** What the specification says is there already, and is not: otherwise the engine would refuse in the middle of a deployment. */
export async function checkExternals(
  api: EngineApi,
  spec: StackSpec,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const networks = spec.networks.flatMap(({ external }) => (external === null ? [] : [external]));
  const found = await Promise.all([
    ...networks.map((name) => checkNetwork(api, name, signal)),
    checkFiles(api, spec, 'config', signal),
    checkFiles(api, spec, 'secret', signal),
  ]);
  return found.flat();
}

const refused = (field: string, message: string): Finding => ({ level: 'refused', service: null, field, message });

async function checkNetwork(api: EngineApi, name: string, signal: AbortSignal): Promise<readonly Finding[]> {
  if (predefined.has(name)) return [];
  const there = await findNetwork(api, name, signal);
  const create = `\`docker network create --driver overlay --attachable ${name}\``;
  if (!there) return [refused('networks', `the external network '${name}' is not in the swarm: ${create} makes it`)];
  if (there.Scope === 'swarm') return [];
  const message = `the external network '${name}' is this node's own: services take networks of the swarm only; ${create} makes one`;
  return [refused('networks', message)];
}

async function checkFiles(
  api: EngineApi,
  spec: StackSpec,
  kind: 'config' | 'secret',
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const names = spec.files.flatMap((file) => (file.kind === kind && file.external !== null ? [file.external] : []));
  if (names.length === 0) return [];
  const there = new Set((await namedFiles(api, kind, names, signal)).map((file) => file.Spec.Name));
  return names
    .filter((name) => !there.has(name))
    .map((name) =>
      refused(`${kind}s`, `the external ${kind} '${name}' is not in the swarm: \`docker ${kind} create ${name} FILE\``),
    );
}
