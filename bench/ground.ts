import { access } from 'node:fs/promises';
import Docker from 'dockerode';
import { type Bed, bed } from '../test/bed/bed.ts';
import { Slipway } from '../test/support/slipway.ts';

/** What measurements share: opened when first asked for, closed once at the end. */
export interface Ground {
  /** A line for people, while it runs. */
  readonly say: (line: string) => void;
  /** A Docker swarm; `null`: none is here. */
  swarm(): Promise<Swarm | null>;
  /** A Slipway server of its own process and data folder, with the swarm as cluster `bench`. */
  server(): Promise<Slipway>;
  /** Called at the end, however it ends. */
  atEnd(act: () => Promise<void>): void;
  close(): Promise<void>;
}

export interface Swarm {
  readonly bed: Bed;
  readonly docker: Docker;
  /** A small image that the engine has, as people write it. */
  readonly image: string;
  /** The same as the engine pulls least for it: by digest where it has one. */
  readonly pinned: string;
  /** A docker client that can wait (`stack deploy --detach=false`, Docker 26 and newer); `null`: none is here. */
  readonly client: string | null;
}

const image = process.env.SLIPWAY_BENCH_IMAGE ?? 'busybox:1.36';
const clients = ['/usr/local/bin/docker', '/usr/bin/docker'];

export function openGround(): Ground {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const acts: (() => Promise<void>)[] = [];
  let swarm: Promise<Swarm | null> | undefined;
  let server: Promise<Slipway> | undefined;
  let closing: Promise<void> | undefined;
  const ground: Ground = {
    say,
    swarm: () => {
      swarm ??= findSwarm(say);
      return swarm;
    },
    server: () => {
      server ??= startServer(ground);
      return server;
    },
    atEnd: (act) => void acts.push(act),
    close: () => {
      closing ??= (async () => {
        for (const act of acts.reverse()) await act().catch((thrown: unknown) => say(`cleaning up: ${thrown}`));
      })();
      return closing;
    },
  };
  return ground;
}

async function startServer(ground: Ground): Promise<Slipway> {
  const slipway = await Slipway.start();
  ground.atEnd(() => slipway.dispose());
  const swarm = await ground.swarm();
  if (swarm) await slipway.addSwarm('bench', swarm.bed.socketPath);
  return slipway;
}

async function findSwarm(say: (line: string) => void): Promise<Swarm | null> {
  const found = await bed();
  if (!found?.swarm) {
    say('no Docker swarm is here: left out');
    return null;
  }
  const docker = new Docker({ socketPath: found.socketPath });
  try {
    await docker.getImage(image).inspect();
  } catch {
    say(`the engine has no image ${image} (SLIPWAY_BENCH_IMAGE names another): left out`);
    return null;
  }
  const digest = await docker
    .getImage(image)
    .distribution()
    .then((answer: { Descriptor?: { digest?: string } }) => answer.Descriptor?.digest)
    .catch(() => undefined);
  const pinned = digest === undefined ? image : `${image.replace(/:[^:/]*$/, '')}@${digest}`;
  return { bed: found, docker, image, pinned, client: await waitingClient() };
}

async function waitingClient(): Promise<string | null> {
  for (const path of clients) {
    const { run } = await import('./run.ts');
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there && /--detach/.test(await run(path, ['stack', 'deploy', '--help']))) return path;
  }
  return null;
}
