import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A Docker engine that tests may use. */
export interface Bed {
  readonly socketPath: string;
  /** host:port of the bed's registry, which holds the base images as library/NAME:TAG; none beside a foreign engine. */
  readonly registry: string | undefined;
  /** Whether the engine manages a swarm. */
  readonly swarm: boolean;
}

const info = z.object({ Swarm: z.object({ ControlAvailable: z.boolean().default(false) }) });
let found: Promise<Bed | undefined> | undefined;

/**
 * The engine that answers first of: DOCKER_HOST, the bed that `up.sh` started, /var/run/docker.sock. Tests that need one
 * are left out without it: `describe.skipIf((await bed()) === undefined)`.
 * @throws Error when CI is set and none answers, or it is no swarm manager: there nothing is left out.
 */
export function bed(): Promise<Bed | undefined> {
  found ??= look();
  return found;
}

async function look(): Promise<Bed | undefined> {
  const own = recorded();
  const hosts = [process.env.DOCKER_HOST, own.DOCKER_HOST, 'unix:///var/run/docker.sock'];
  const sockets = new Set(hosts.flatMap((host) => host?.match(/^unix:\/\/(.+)/)?.slice(1) ?? []));
  for (const socketPath of sockets) {
    const swarm = await managesSwarm(socketPath);
    if (swarm === undefined) continue;
    if (process.env.CI && !swarm) throw new Error(`the Docker engine at ${socketPath} is no swarm manager`);
    const isOwn = own.DOCKER_HOST === `unix://${socketPath}`;
    return {
      socketPath,
      registry: process.env.SLIPWAY_BED_REGISTRY ?? (isOwn ? own.SLIPWAY_BED_REGISTRY : undefined),
      swarm,
    };
  }
  if (process.env.CI) throw new Error(`no Docker engine answers at ${[...sockets].join(' or ')}: run test/bed/up.sh`);
  return undefined;
}

/** What up.sh wrote down; nothing when it is not up. */
function recorded(): Record<string, string> {
  const folder = process.env.SLIPWAY_BED ?? join(tmpdir(), 'slipway-bed');
  try {
    const lines = readFileSync(join(folder, 'env'), 'utf8').trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  } catch {
    return {};
  }
}

/** Undefined when no Docker answers within 3 s. */
async function managesSwarm(socketPath: string): Promise<boolean | undefined> {
  try {
    return info.parse(JSON.parse(await ask(socketPath, '/info'))).Swarm.ControlAvailable;
  } catch {
    return undefined;
  }
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path, signal: AbortSignal.timeout(3000) }, (response) => {
      text(response).then(resolve, reject);
    });
    request.on('error', reject);
  });
}
